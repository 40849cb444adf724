using System.Text;
using CiMetrics.Exposition;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public async Task The_documented_metrics_are_those_of_the_code()
    {
        JobFamilies job = new("NAME");
        MetricFamily[] families = [job.Total, job.Duration, .. LedgerFamilies.All, StoreCollector.Up, StoreCollector.JournalBytes, SenderCollector.Valid, SenderCollector.Tokens];
        MetricTable.Check("ci-receiver", families.Select(family => new DeclaredMetric(family.Name, Lower(family.Type), family.Schema.LabelNames)).Concat(await InstrumentsAsync()));
    }

    // Instruments show themselves: every label value is there from the start.
    private static async Task<IReadOnlyList<DeclaredMetric>> InstrumentsAsync()
    {
        CollectorRegistry registry = new();
        _ = new ReceiverMetrics(Exposition.Metrics.WithCustomRegistry(registry));
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        string text = Encoding.UTF8.GetString([.. scrape.Segments.SelectMany(segment => segment.ToArray())]);
        ScrapedText scraped = new(text);
        return
        [
            .. text.Split('\n')
                .Where(line => line.StartsWith("# TYPE receiver_", StringComparison.Ordinal))
                .Select(line => line.Split(' '))
                .Select(words => new DeclaredMetric(words[2], words[3], [.. LabelsOf(scraped, words[2])])),
        ];
    }

    private static IEnumerable<string> LabelsOf(ScrapedText scraped, string name) =>
        scraped.Samples.First(sample => sample.Name == name || sample.Name == name + "_count").Labels.Keys;

#pragma warning disable CA1308 // Types are lower-case words in the text format.
    private static string Lower(MetricType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
