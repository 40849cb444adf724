using System.Text;
using CiMetrics.Exposition;
using CiMetrics.Sidecar.Delivery;
using CiMetrics.Sidecar.Intake;
using CiMetrics.Sidecar.Metrics;
using CiMetrics.Sidecar.Spooling;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public async Task The_documented_metrics_are_those_of_the_code()
    {
        using TempFolder folder = new();
        using Spool spool = Spool.Open(folder.PathOf("spool"), TimeProvider.System, _ => { });
        CollectorRegistry registry = new();
        MetricFactory metrics = Exposition.Metrics.WithCustomRegistry(registry);
        _ = new IntakeCounts(metrics);
        DeliveryCounts delivery = new(metrics);
        delivery.Delivered(isDuplicate: false, TimeProvider.System.GetUtcNow());
        registry.Register(new StateCollector(spool, delivery, TimeProvider.System));

        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        string text = Encoding.UTF8.GetString([.. scrape.Segments.SelectMany(segment => segment.ToArray())]);
        ScrapedText scraped = new(text);
        MetricTable.Check("ci-sidecar", text.Split('\n')
            .Where(line => line.StartsWith("# TYPE ci_sidecar_", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .Select(words => new DeclaredMetric(words[2], words[3], [.. scraped.Samples.First(sample => sample.Name == words[2]).Labels.Keys])));
    }
}
