using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>The files that tell Grafana where everything is.</summary>
public sealed class ProvisioningTests
{
    [Test]
    public void The_provider_reads_the_folder_that_the_readme_mounts()
    {
        string readme = File.ReadAllText(Path.Combine(DashboardFile.Folder, "README.md"));
        string provider = File.ReadAllText(Path.Combine(DashboardFile.Folder, "provisioning", "dashboards", "dashboards.yml"));
        Assert.That(provider, Does.Contain("path: /var/lib/grafana/dashboards"));
        Assert.That(readme, Does.Contain("`/var/lib/grafana/dashboards`").And.Contain("`/etc/grafana/provisioning`").And.Contain("`PROMETHEUS_URL`"));
        foreach (DashboardFile file in DashboardFile.Provisioned) Assert.That(readme, Does.Contain($"| {(string)file.Json["title"]!} | `{(string)file.Json["uid"]!}` |"));
    }

    [Test]
    public void The_data_source_knows_the_scrape_interval_of_the_example()
    {
        string source = File.ReadAllText(Path.Combine(DashboardFile.Folder, "provisioning", "datasources", "datasources.yml"));
        string prometheus = File.ReadAllText(Repository.PathOf("deploy", "prometheus", "prometheus.yml"));
        Assert.That(source, Does.Contain("timeInterval: 30s"));
        Assert.That(prometheus, Does.Contain("\n  scrape_interval: 30s\n").And.Contain("\n  evaluation_interval: 30s\n"), "recorded series are as dense as scraped ones");
    }
}
