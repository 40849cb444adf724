using System.Security.Cryptography.X509Certificates;
using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>How the program gets to Spacelift, and how often it asks.</summary>
public sealed class ConnectionTests
{
    [Test]
    public async Task Scrapes_within_min_refresh_share_the_calls()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--min-refresh=1h");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => exporter.ScrapeAsync()));
        await exporter.ScrapeAsync();
        Assert.That(api.Count("usage"), Is.EqualTo(1));
        Assert.That(api.Count("publicWorkerPool"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_server_of_an_own_authority_is_trusted_with_its_certificate_and_not_without()
    {
        using TempFolder folder = new();
        using TestAuthority authority = new("own");
        using X509Certificate2 certificate = CertificateOf(authority);
        await using FakeSpacelift api = await FakeSpacelift.StartAsync(0, certificate);
        string[] check = ["check", "-e", api.Url, "-k", "k", "-s", api.Secret];
        Assert.That((await RunningExporter.RunAsync(check)).ExitCode, Is.EqualTo(1));
        (int exitCode, string output) = await RunningExporter.RunAsync([.. check, "--ca-cert-path", folder.Write("ca.pem", authority.Pem)]);
        Assert.That(exitCode, Is.Zero, output);
    }

    [Test]
    public async Task The_proxy_of_the_environment_is_used()
    {
        using TempFolder folder = new();
        using TestAuthority authority = new("own");
        using X509Certificate2 certificate = CertificateOf(authority);
        await using FakeSpacelift api = await FakeSpacelift.StartAsync(0, certificate);
        await using TunnelProxy proxy = new(new Uri(api.Url).Port);
        string[] check = ["check", "-e", "https://localhost:1", "-k", "k", "-s", api.Secret, "--ca-cert-path", folder.Write("ca.pem", authority.Pem)];
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Published.Binary("spacelift-promex"), check, new Dictionary<string, string>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = proxy.Url, ["NO_PROXY"] = "" });
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(proxy.Asked, Is.Not.Empty.And.All.StartsWith("CONNECT localhost:1 "));
    }

    [Test]
    public async Task The_password_of_a_proxy_is_not_shown()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string proxy = api.Url.Replace("http://", "http://someone:pr0xy-word@", StringComparison.Ordinal);
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Published.Binary("spacelift-promex"), ["check", "-e", "https://spacelift.example", "-k", "k", "-s", "s"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HTTPS_PROXY"] = proxy, ["NO_PROXY"] = "" });
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("proxy").And.Not.Contain("pr0xy-word"));
    }

    [Test]
    public async Task The_secret_is_read_again_from_its_file_at_each_exchange()
    {
        using TempFolder folder = new();
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string file = folder.Write("secret", api.Secret + "\n");
        await using RunningExporter exporter = await RunningExporter.StartWithSecretFileAsync(api, file);
        await exporter.ScrapeAsync();
        api.Secret = "another-s3cret";
        api.Token = null;
        await File.WriteAllTextAsync(file, api.Secret);
        Assert.That((await exporter.ScrapeAsync()).Value("spacelift_up"), Is.EqualTo(1));
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(2));
    }

    [TestCase("/", "/graphql")]
    [TestCase("/graphql", "/graphql")]
    [TestCase("/graphql/", "/graphql")]
    [TestCase("/self/hosted", "/self/hosted/graphql")]
    public async Task The_endpoint_may_have_a_path_and_the_suffix(string given, string asked)
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        (int exitCode, string output) = await RunningExporter.RunAsync("check", "-e", api.Url + given, "-k", "k", "-s", api.Secret);
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(api.Calls.Select(call => call.Path), Is.All.EqualTo(asked));
    }

    private static X509Certificate2 CertificateOf(TestAuthority authority) =>
        X509CertificateLoader.LoadPkcs12(authority.Issue("localhost").ToCertificate().Export(X509ContentType.Pkcs12), null);
}
