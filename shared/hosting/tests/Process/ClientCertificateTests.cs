using System.Net;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class ClientCertificateTests
{
    [TestCase("NoClientCert", "none own other expired server")]
    [TestCase("RequestClientCert", "none own other expired server")]
    [TestCase("RequireAnyClientCert", "own other expired server")]
    [TestCase("RequireClientCert", "own other expired server")]
    [TestCase("VerifyClientCertIfGiven", "none own")]
    [TestCase("RequireAndVerifyClientCert", "own")]
    public async Task A_client_is_let_in_by_its_certificate(string type, string expected)
    {
        var authority = type.StartsWith("No", StringComparison.Ordinal) ? "" : "  client_ca_file: ca.pem\n";
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + $"  client_auth_type: {type}\n" + authority);
        using var other = new TestAuthority("hosting");
        var clients = new Dictionary<string, TestCertificate?>(StringComparer.Ordinal)
        {
            ["none"] = null,
            ["own"] = sample.Authority.Issue("client.test", forClients: true),
            ["other"] = other.Issue("client.test", forClients: true),
            ["expired"] = sample.Authority.Issue("client.test", forClients: true, days: 0),
            // Made to serve: it must not be good for asking.
            ["server"] = sample.Authority.Issue("client.test"),
        };
        var letIn = new List<string>();
        foreach (var (name, certificate) in clients)
        {
            // More than once: a connection that resumes a session is judged like the first one.
            var answers = new[] { await sample.StatusAsync(certificate), await sample.StatusAsync(certificate) };
            Assert.That(answers[0], Is.EqualTo(answers[1]), name);
            if (answers[0] == HttpStatusCode.OK)
                letIn.Add(name);
        }
        Assert.That(string.Join(' ', letIn), Is.EqualTo(expected));
        Assert.That(await sample.StatusAsync(clients["own"], "/-/ready"), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_certificate_needs_one_of_the_allowed_names()
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + """
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.pem
              client_allowed_sans:
                - prometheus.test
                - 10.1.2.3
                - fd00::1
                - spiffe://ci/prometheus
                - ops@ci.test

            """);
        foreach (var (kind, value, expected) in new[]
        {
            ("dns", "prometheus.test", true), ("dns", "grafana.test", false), ("dns", "PROMETHEUS.test", false), ("dns", "sub.prometheus.test", false),
            ("ip", "10.1.2.3", true), ("ip", "10.1.2.4", false), ("ip", "fd00::1", true), ("dns", "10.1.2.4", false),
            ("uri", "spiffe://ci/prometheus", true), ("uri", "spiffe://ci/prometheus/x", false),
            ("email", "ops@ci.test", true), ("email", "dev@ci.test", false), ("none", "", false),
        })
        {
            var certificate = sample.Authority.Issue("client", forClients: true, names: names =>
            {
                names.AddDnsName("more.test");
                switch (kind)
                {
                    case "dns": names.AddDnsName(value); break;
                    case "ip": names.AddIpAddress(IPAddress.Parse(value)); break;
                    case "uri": names.AddUri(new Uri(value)); break;
                    case "email": names.AddEmailAddress(value); break;
                }
            });
            Assert.That(await sample.StatusAsync(certificate), Is.EqualTo(expected ? HttpStatusCode.OK : (HttpStatusCode?)null), kind + " " + value);
        }
    }

    [Test]
    public async Task An_intermediate_authority_lets_in_its_own_clients_only()
    {
        TestCertificate below = null!, beside = null!;
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: team.pem\n", sample =>
        {
            using var team = new TestAuthority("team", sample.Authority);
            using var others = new TestAuthority("others", sample.Authority);
            sample.Folder.Write("team.pem", team.Pem);
            below = team.Issue("client.test", forClients: true);
            beside = others.Issue("client.test", forClients: true);
        });
        Assert.That(await sample.StatusAsync(below), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await sample.StatusAsync(beside), Is.Null);
        Assert.That(await sample.StatusAsync(sample.Authority.Issue("client.test", forClients: true)), Is.Null);
    }

    [TestCase("", "")]
    [TestCase("  client_auth_type: RequestClientCert\n", "")]
    [TestCase("  client_auth_type: RequireAnyClientCert\n", "")]
    [TestCase("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n", "")]
    [TestCase("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  min_version: TLS13\n", TlsSample.Ada)]
    [TestCase("  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  max_version: TLS12\n", TlsSample.Ada)]
    public async Task The_health_check_works_whatever_is_asked_of_clients(string clients, string users)
    {
        await using var sample = await TlsSample.StartAsync(TlsSample.Tls + clients + users);
        string[] check = ["healthcheck", "--bind", "127.0.0.1", "--port", sample.Running.Port.ToString(), "--web.config.file", sample.ConfigFile];
        Assert.That(await Sample.RunAsync(check), Is.EqualTo((0, "")));
        // A file that is bad by now is no reason to be restarted: the service refuses it and lives on.
        sample.Replace("web.yml", "nonsense: [\n");
        Assert.That(await Sample.RunAsync(check), Is.EqualTo((0, "")));
        sample.Process.Signal(Signals.Kill);
        await sample.Process.WaitForExitAsync();
        var (exitCode, output) = await Sample.RunAsync(check);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("unhealthy: ").And.Contain("Connection refused"));
    }
}
