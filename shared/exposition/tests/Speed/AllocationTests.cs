using System.Diagnostics;

namespace CiMetrics.Exposition.Tests;

/// <summary>What a scrape costs, as ratios: no machine's speed is in them.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private static readonly string[] LabelNames = ["runner_uuid", "pipeline_uuid", "runner"];

    private static IEnumerable<TestCaseData> Shapes() =>
        from shape in new (string Name, Func<int, (CollectorRegistry, Action)> Create)[] { ("gauges", Gauges), ("histograms", Histograms), ("a collector", Collector) }
        from format in new (string Name, ScrapeFormat Format)[] { ("text", ScrapeFormat.Text), ("OpenMetrics", Body.OpenMetrics), ("gzip", new(OpenMetrics: false, Gzip: true)) }
        select new TestCaseData(shape.Create, format.Format).SetArgDisplayNames(shape.Name, format.Name);

    [TestCaseSource(nameof(Shapes))]
    public void A_scrape_of_10_000_series_allocates_about_what_one_of_10_does(Func<int, (CollectorRegistry Registry, Action Change)> create, ScrapeFormat format)
    {
        double few = Allocated(create(10), format);
        double many = Allocated(create(10_000), format);
        Assert.That(many - few, Is.LessThan(10_000 * 0.2), $"{few:n0} bytes for 10 series, {many:n0} for 10,000");
    }

    [Test]
    public void The_cost_of_a_scrape_is_linear_in_the_series()
    {
        (CollectorRegistry Registry, Action Change) few = Collector(2_000);
        (CollectorRegistry Registry, Action Change) many = Collector(100_000);
        double ratio = Ticks(many) / Ticks(few);
        Assert.That(ratio, Is.LessThan(50 * 6), "50 times the series; a quadratic cost would be 2,500 times as much");
    }

    [Test]
    public void Scraping_while_series_come_and_go_is_linear_too()
    {
        (CollectorRegistry Registry, Action Change) few = Churn(1_000);
        (CollectorRegistry Registry, Action Change) many = Churn(50_000);
        double ratio = Ticks(many) / Ticks(few);
        Assert.That(ratio, Is.LessThan(50 * 8), "50 times the series; a quadratic cost would be 2,500 times as much");
    }

    private static double Allocated((CollectorRegistry Registry, Action Change) @case, ScrapeFormat format)
    {
        const int Scrapes = 20;
        for (int i = 0; i < 5; i++)
            Scrape(@case, format);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Scrapes; i++)
            Scrape(@case, format);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Scrapes;
    }

    /// <summary>The best of several: what else the machine does only adds.</summary>
    private static double Ticks((CollectorRegistry Registry, Action Change) @case) => Enumerable.Range(0, 12).Min(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        Scrape(@case, ScrapeFormat.Text);
        return Stopwatch.GetTimestamp() - start;
    });

    private static void Scrape((CollectorRegistry Registry, Action Change) @case, ScrapeFormat format)
    {
        @case.Change();
        ValueTask<Scrape> scrape = @case.Registry.ScrapeAsync(format);

        // Nobody else scrapes, so it ran here: what it allocated is this thread's.
        if (scrape.IsCompletedSuccessfully)
            scrape.Result.Dispose();
        else
            Assert.Fail("the scrape waited for something");
    }

    private static string[] Values(int i) => [$"{i:x32}", $"{i * 7:x32}", $"runner-{i % 100}"];

    private static (CollectorRegistry Registry, Action Change) Gauges(int series)
    {
        var registry = new CollectorRegistry();
        Gauge gauge = registry.Factory().CreateGauge("g", "G.", LabelNames);
        Gauge.Child[] children = [.. Enumerable.Range(0, series).Select(i => gauge.WithLabels(Values(i)))];
        var random = new Random(1);
        return (registry, () => Array.ForEach(children, child => child.Set(random.NextDouble())));
    }

    private static (CollectorRegistry Registry, Action Change) Histograms(int series)
    {
        var registry = new CollectorRegistry();
        Histogram histogram = registry.Factory().CreateHistogram("h", "H.", [1, 2, 3, 4, 5, 6, 7], LabelNames);
        Histogram.Child[] children = [.. Enumerable.Range(0, Math.Max(1, series / 10)).Select(i => histogram.WithLabels(Values(i)))];
        return (registry, () => Array.ForEach(children, child => child.Observe(4.5)));
    }

    private static (CollectorRegistry Registry, Action Change) Collector(int series) => Const(series, churn: false);

    private static (CollectorRegistry Registry, Action Change) Churn(int series) => Const(series, churn: true);

    /// <summary>Const metrics; with churn each gather starts at another series and leaves one out, so that no order repeats.</summary>
    private static (CollectorRegistry Registry, Action Change) Const(int series, bool churn)
    {
        var registry = new CollectorRegistry();
        MetricFamily family = new("g", "G.", MetricType.Gauge, LabelNames);
        LabelSet[] sets = [.. Enumerable.Range(0, series).Select(i => family.Schema.WithValues(Values(i)))];
        int gather = 0;
        registry.Register(new TestCollector(
            writer =>
            {
                int start = churn ? gather : 0;
                for (int i = churn ? 1 : 0; i < sets.Length; i++)
                    writer.Write(family, sets[(start + i) % sets.Length], i + (0.5 * gather));
                gather++;
            },
            family));
        return (registry, () => { });
    }
}
