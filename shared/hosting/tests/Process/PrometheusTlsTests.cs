using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

public sealed class PrometheusTlsTests
{
    [Test]
    public async Task Prometheus_scrapes_over_TLS_with_a_client_certificate_and_a_password()
    {
        await using var sample = await TlsSample.StartAsync(
            TlsSample.Tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  client_allowed_sans: [ prometheus.test ]\n" + TlsSample.Ada,
            sample => sample.Authority.Issue("prometheus.test", forClients: true).WriteTo(sample.Folder, "client"));
        var job = $$"""
            scheme: https
                tls_config: { ca_file: {{sample.Folder.PathOf("ca.pem")}}, cert_file: {{sample.Folder.PathOf("client.pem")}}, key_file: {{sample.Folder.PathOf("client.key")}}, server_name: server.test }
                static_configs: [ { targets: [ '127.0.0.1:{{sample.Running.Port}}' ] } ]
            """;
        await using var prometheus = await PrometheusServer.StartWithAsync($$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: known
                basic_auth: { username: ada, password: hunter2 }
                {{job}}
              - job_name: stranger
                {{job}}
            """);
        await prometheus.QueryUntilAsync("up{job=\"known\"} == 1");
        await prometheus.QueryUntilAsync("sample_workers{job=\"known\"} == 4");
        await prometheus.QueryUntilAsync("exporter_config_last_reload_successful{config=\"web\"} == 1");
        await prometheus.QueryUntilAsync("up{job=\"stranger\"} == 0");
        Assert.That(sample.Log, Does.Not.Contain("hunter2").And.Not.Contain("$2y$04").And.Not.Contain("PRIVATE"));
    }
}
