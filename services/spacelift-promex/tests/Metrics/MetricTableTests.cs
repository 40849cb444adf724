using System.Text;
using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Metrics;
using CiMetrics.Spacelift.Webhooks;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Spacelift.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public async Task The_documented_metrics_are_those_of_the_code()
    {
        MetricFamily[] families = [.. AccountFamilies.All, .. StackFamilies.All, .. SpaceFamilies.All, .. HealthFamilies.All];
        DeclaredMetric build = new("spacelift_build_info", "gauge", ["version", "commit", "dotnet_version"]);
        MetricTable.Check("spacelift-promex", families.Select(family => new DeclaredMetric(family.Name, "gauge", family.Schema.LabelNames)).Append(build).Concat(await InstrumentsAsync()));
        Assert.That(families.Select(family => family.Type), Is.All.EqualTo(MetricType.Gauge));
    }

    // Instruments show themselves.
    private static async Task<IReadOnlyList<DeclaredMetric>> InstrumentsAsync()
    {
        CollectorRegistry registry = new();
        MetricFactory metrics = Exposition.Metrics.WithCustomRegistry(registry);
        new ApiCounts(metrics).Call("usage");
        RunTally tally = new(metrics);
        tally.Count("run", new RunEvent("FINISHED", 1, 2, new WebhookRun("run", "TRACKED", 1)));
        _ = new WebhookEndpoint(SecretSource.OfFile("unread"), tally, metrics, NullLogger.Instance);
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        string text = Encoding.UTF8.GetString([.. scrape.Segments.SelectMany(segment => segment.ToArray())]);
        ScrapedText scraped = new(text);
        return
        [
            .. text.Split('\n')
                .Where(line => line.StartsWith("# TYPE spacelift_", StringComparison.Ordinal))
                .Select(line => line.Split(' '))
                .Select(words => new DeclaredMetric(words[2], words[3], [.. scraped.Samples.First(sample => sample.Name == words[2] || sample.Name == words[2] + "_count").Labels.Keys])),
        ];
    }
}
