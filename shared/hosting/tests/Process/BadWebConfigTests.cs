using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>One tiny web configuration per rule; its first line says which message the rule gives.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class BadWebConfigTests
{
    private readonly TempFolder _folder = new();

    private static IEnumerable<string> Files => Directory.GetFiles(Source(), "*.yml").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    [OneTimeSetUp]
    public void Write()
    {
        using var authority = new TestAuthority("hosting");
        _folder.Write("ca.pem", authority.Pem);
        authority.Issue("server.test").WriteTo(_folder, "server");
        authority.Issue("other.test").WriteTo(_folder, "other");
        _folder.Write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        using var key = ECDsa.Create();
        _folder.Write("encrypted.key", key.ExportEncryptedPkcs8PrivateKeyPem("hunter2", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)));
        // The certificates in the folder have keys that .NET cannot make.
        foreach (var name in Directory.GetFiles(Source()).Select(Path.GetFileName).OfType<string>())
            File.Copy(Path.Combine(Source(), name), _folder.PathOf(name));
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public async Task A_bad_file_is_refused_with_place_key_and_rule([ValueSource(nameof(Files))] string name)
    {
        var path = _folder.PathOf(name);
        var expected = (await File.ReadAllLinesAsync(path))[0][2..];
        var (exitCode, output) = await Sample.RunAsync("config", "check", "--web.config.file", path);
        Assert.That(output, Does.Contain(path + ":" + expected));
        Assert.That(output, Does.StartWith("hosting-sample: 1 mistake in the settings\n"));
        Assert.That(output, Does.Not.Contain("hunter2"));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task Every_mistake_is_listed_at_once_with_those_of_the_flags()
    {
        var path = _folder.Write("all.yml", """
            tls_server_config:
              cert_file: server.pem
              client_auth_type: Never
              curve_preferences: [ X25519 ]
            basic_auth_users:
              ada: hunter2
              bob: hunter2
            rate_limit: 5
            """);
        var (exitCode, output) = await Sample.RunAsync("--web.config.file", path, "--workers", "0", "--user", "bob", "--pass", "hunter2");
        Assert.That(output, Does.StartWith("hosting-sample: 7 mistakes in the settings\n").And.Contain("flag --workers: "));
        Assert.That(output, Does.Contain("all.yml:2:3: ").And.Contain("all.yml:3:21: ").And.Contain("all.yml:4:22: ")
            .And.Contain("all.yml:6:8: ").And.Contain("\"basic_auth_users.bob\": is given by a flag or an environment variable too").And.Contain("all.yml:8:13: "));
        Assert.That(output, Does.Not.Contain("hunter2"));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    [TestCase("config check", 0, "hosting-sample: no mistakes in the settings")]
    [TestCase("config check --workers 0", 2, "flag --workers: must be a whole number from 1 to 64")]
    [TestCase("config check --web.config.file /nothing/here", 2, "--web.config.file: must name a readable file: there is no such file (got \"/nothing/here\")")]
    [TestCase("config", 2, "command line: must go on after config: config check")]
    [TestCase("config chek", 2, "argument \"chek\": is not expected; flags begin with - and the commands are ")]
    public async Task Config_check_says_what_is_wrong(string arguments, int expected, string message)
    {
        var (exitCode, output) = await Sample.RunAsync(arguments.Split(' '));
        Assert.That(output, Does.Contain(message));
        Assert.That(exitCode, Is.EqualTo(expected));
    }

    private static string Source([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "BadWebConfigs");
}
