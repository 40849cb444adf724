using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class TlsTests
{
    [Test]
    public async Task Every_path_is_served_over_TLS_and_nothing_without()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls);
        using var client = sample.Client();
        foreach (var path in new[] { "/metrics", "/health", "/" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        }
        Assert.That(sample.Log, Does.Contain($"msg=\"Listening\" address=https://127.0.0.1:{sample.Running.Port} "));
        Assert.That(await sample.Running.RawAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), Does.Not.Contain("200"));
        var expiry = DateTimeOffset.FromUnixTimeSeconds((long)await ValueAsync(client, "exporter_tls_certificate_not_after_timestamp_seconds"));
        Assert.That(expiry, Is.EqualTo(DateTimeOffset.UtcNow.AddDays(2)).Within(TimeSpan.FromHours(3)));
    }

    [TestCase("", "h2", 2)]
    [TestCase("http_server_config: { http2: false }\n", "http/1.1", 1)]
    public async Task Http2_is_offered_unless_it_is_turned_off(string more, string alpn, int version)
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + more);
        var shaken = await sample.HandshakeAsync(options => options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        Assert.That(shaken?.Alpn, Is.EqualTo(alpn));
        using var client = sample.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        using var response = await client.SendAsync(request);
        Assert.That(response.Version.Major, Is.EqualTo(version));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("sample_workers{"));
    }

    [Test]
    public async Task Certificates_and_keys_may_stand_in_the_file_itself()
    {
        using var authority = new TestAuthority("inline");
        var certificate = authority.Issue("inline.test", rsa: true);
        var config = $"tls_server_config:\n  cert: |\n{Indented(certificate.Pem)}  key: |\n{Indented(certificate.Key)}  client_ca: |\n{Indented(authority.Pem)}  client_auth_type: RequireAndVerifyClientCert\n";
        await using var sample = await TlsSample.StartAsync(config);
        var client = authority.Issue("client.test", forClients: true).ToCertificate();
        var shaken = await sample.HandshakeAsync(options =>
        {
            options.CertificateChainPolicy!.CustomTrustStore.ImportFromPem(authority.Pem);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(client, null, offline: true);
        });
        Assert.That(shaken?.Serial, Is.EqualTo(certificate.ToCertificate().SerialNumber));

        static string Indented(string pem) => string.Concat(pem.TrimEnd('\n').Split('\n').Select(line => "    " + line + "\n"));
    }

    [Test]
    public async Task Intermediate_certificates_are_sent_along()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls, sample =>
        {
            using var intermediate = new TestAuthority("intermediate", sample.Authority);
            var certificate = intermediate.Issue("server.test");
            sample.Folder.Write("server.pem", certificate.Pem + intermediate.Pem);
            sample.Folder.Write("server.key", certificate.Key);
        });
        Assert.That(await sample.StatusAsync(null), Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("", SslProtocols.Tls12, true)]
    [TestCase("", SslProtocols.Tls13, true)]
    [TestCase("  min_version: TLS13\n", SslProtocols.Tls12, false)]
    [TestCase("  min_version: TLS13\n", SslProtocols.Tls13, true)]
    [TestCase("  max_version: TLS12\n", SslProtocols.Tls12, true)]
    [TestCase("  max_version: TLS12\n", SslProtocols.Tls13, false)]
    public async Task Only_versions_between_the_bounds_are_spoken(string bounds, SslProtocols version, bool expected)
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + bounds);
        var shaken = await sample.HandshakeAsync(options => options.EnabledSslProtocols = version);
        Assert.That(shaken?.Version, Is.EqualTo(expected ? version : (SslProtocols?)null));
    }

    [Test]
    public async Task Only_listed_cipher_suites_are_used_and_the_order_of_the_list_decides()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + """
              cipher_suites:
                - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
                - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
              prefer_server_cipher_suites: true

            """);
        Assert.That(await SuiteAsync(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), Is.Null);
        Assert.That(
            await SuiteAsync(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
            Is.EqualTo(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256));
        Assert.That(await SuiteAsync(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), Is.EqualTo(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
        // The list is about TLS 1.2: the suites of TLS 1.3 stay.
        Assert.That(await SuiteAsync(TlsCipherSuite.TLS_AES_256_GCM_SHA384), Is.EqualTo(TlsCipherSuite.TLS_AES_256_GCM_SHA384));

        async Task<TlsCipherSuite?> SuiteAsync(params TlsCipherSuite[] offered) =>
#pragma warning disable CA1416 // The tests run on Linux.
            (await sample.HandshakeAsync(options => options.CipherSuitesPolicy = new CipherSuitesPolicy(offered)))?.Suite;
#pragma warning restore CA1416
    }

    [Test]
    public async Task Headers_go_with_every_answer()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + """
            http_server_config:
              headers:
                Strict-Transport-Security: max-age=3600
                X-Frame-Options: deny
                Content-Security-Policy: default-src 'self'
                X-XSS-Protection:

            """);
        using var client = sample.Client();
        foreach (var path in new[] { "/metrics", "/health", "/", "/nothing", "/fail" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.That(response.Headers.GetValues("Strict-Transport-Security"), Is.EqualTo(new[] { "max-age=3600" }), path);
            Assert.That(response.Headers.GetValues("X-Frame-Options"), Is.EqualTo(new[] { "deny" }), path);
            Assert.That(response.Headers.GetValues("Content-Security-Policy"), Is.EqualTo(new[] { "default-src 'self'" }), path);
            Assert.That(response.Headers.Contains("X-XSS-Protection"), Is.False, path);
        }
    }

    [Test]
    public async Task Requests_beyond_the_rate_are_refused_and_health_paths_are_not_counted()
    {
        await using var sample = await TlsSample.StartAsync("rate_limit:\n  interval: 1h\n  burst: 3\n");
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            using var response = await sample.Running.SendAsync(HttpMethod.Get, "/metrics");
            answers.Add(response.StatusCode);
            using var health = await sample.Running.SendAsync(HttpMethod.Get, "/health");
            Assert.That(health.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That(answers, Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests }));
    }

    internal static async Task<double> ValueAsync(HttpClient client, string series) => double.Parse(
        (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..]);
}
