using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>TLS and users through the published program: trimming could break what a build has.</summary>
public sealed class TlsTests
{
    [Test]
    public async Task The_published_program_serves_TLS_to_clients_with_a_certificate_and_a_password_and_rotates_its_own()
    {
        string program = Published.Binary("bitbucket-runner-exporter");
        using TempFolder folder = new();
        using TestAuthority authority = new("runners");
        folder.Write("ca.pem", authority.Pem);
        authority.Issue("first.test", rsa: true).WriteTo(folder, "server");
        string config = folder.Write("web.yml", """
            tls_server_config:
              cert_file: server.pem
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
              client_allowed_sans: [ prometheus.test ]
              cipher_suites: [ TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ]
            basic_auth_users:
              ada: $2y$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm

            """);
        int port = FreePort.Next();
        string[] arguments = ["-port", $"{port}", "-bind", "127.0.0.1", "-web.config.file", config];
        Assert.That(await ServiceProcess.RunAsync(program, ["config", "check", .. arguments]), Is.EqualTo((0, "bitbucket-runner-exporter: no mistakes in the settings")));
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            program, arguments, line => line.Contains("Listening", StringComparison.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_HOST"] = "unix:///nothing" });

        List<string> subjects = [];
        using HttpClient client = Client(authority, authority.Issue("prometheus.test", forClients: true), subjects);
        Assert.That(await client.GetStringAsync(new Uri($"https://127.0.0.1:{port}/metrics")), Does.Contain("bitbucket_agent_docker_up 0"));
        using HttpClient stranger = Client(authority, authority.Issue("stranger.test", forClients: true), []);
        Assert.That(async () => await stranger.GetStringAsync(new Uri($"https://127.0.0.1:{port}/metrics")), Throws.InstanceOf<HttpRequestException>());
        Assert.That(await ServiceProcess.RunAsync(program, ["healthcheck", .. arguments]), Is.EqualTo((0, "")));

        authority.Issue("second.test").WriteTo(folder, "server");
        process.Signal(Signals.HangUp);
        await Eventually.TrueAsync(
            async () =>
            {
                string metrics = await client.GetStringAsync(new Uri($"https://127.0.0.1:{port}/metrics"));
                return metrics.Contains("exporter_config_last_reload_successful{config=\"web\"} 1\n", StringComparison.Ordinal) && subjects[^1] == "CN=second.test";
            },
            "the second certificate");
        Assert.That(subjects[0], Is.EqualTo("CN=first.test"));
    }

    // A connection for every request.
    private static HttpClient Client(TestAuthority authority, TestCertificate certificate, List<string> subjects)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(authority.Pem);
        SocketsHttpHandler handler = new()
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate.ToCertificate(), null, offline: true),
                RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                {
                    subjects.Add(shown!.Subject);
                    return errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch;
                },
            },
        };
        HttpClient client = new(handler);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:hunter2")));
        return client;
    }
}
