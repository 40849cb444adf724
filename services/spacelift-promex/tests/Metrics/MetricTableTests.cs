using System.Text;
using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public async Task The_documented_metrics_are_those_of_the_code()
    {
        MetricFamily[] families = [.. AccountFamilies.All, .. StackFamilies.All, .. HealthFamilies.All];
        DeclaredMetric build = new("spacelift_build_info", "gauge", ["version", "commit", "dotnet_version"]);
        MetricTable.Check("spacelift-promex", families.Select(family => new DeclaredMetric(family.Name, "gauge", family.Schema.LabelNames)).Append(build).Concat(await InstrumentsAsync()));
        Assert.That(families.Select(family => family.Type), Is.All.EqualTo(MetricType.Gauge));
    }

    // Instruments show themselves.
    private static async Task<IReadOnlyList<DeclaredMetric>> InstrumentsAsync()
    {
        CollectorRegistry registry = new();
        new ApiCounts(Exposition.Metrics.WithCustomRegistry(registry)).Call("usage");
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        string text = Encoding.UTF8.GetString([.. scrape.Segments.SelectMany(segment => segment.ToArray())]);
        ScrapedText scraped = new(text);
        return
        [
            .. text.Split('\n')
                .Where(line => line.StartsWith("# TYPE spacelift_", StringComparison.Ordinal))
                .Select(line => line.Split(' '))
                .Select(words => new DeclaredMetric(words[2], words[3], [.. scraped.Samples.First(sample => sample.Name == words[2]).Labels.Keys])),
        ];
    }
}
