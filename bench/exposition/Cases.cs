using CiMetrics.Exposition;

namespace CiMetrics.Exposition.Bench;

/// <summary>A registry of a number of series, and a way to change all of its values.</summary>
internal sealed record Case(string Name, CollectorRegistry Registry, Action Change, int Series)
{
    private static readonly double[] Buckets = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    public static IEnumerable<Func<int, Case>> All =>
    [
        series => Gauges("gauge integers", series, random => random.Next(1_000_000_000)),
        series => Gauges("gauge doubles", series, random => random.NextDouble()),
        Histograms,
        series => Snapshot("collector integers", series, doubles: false),
        series => Snapshot("collector doubles", series, doubles: true),
    ];

    /// <summary>Const metrics of a snapshot: the way of the services.</summary>
    public static Case Snapshot(string name, int series, bool doubles)
    {
        var registry = new CollectorRegistry();
        var collector = new SnapshotCollector(series, doubles);
        registry.Register(collector);
        return new Case(name, registry, () => { }, series);
    }

    /// <summary>Label values as a CI exporter has them: two UUIDs and a name; a line has 180 bytes.</summary>
    public static string[] LabelValues(int i) => [$"01e28ace-9bfd-5c00-9707-{i:x12}", $"b723372a-da8e-41ad-9780-{i * 7L:x12}", $"runner-{i % 100:d2}"];

    private static Case Gauges(string name, int series, Func<Random, double> value)
    {
        var registry = new CollectorRegistry();
        Gauge gauge = Metrics.WithCustomRegistry(registry).CreateGauge("bitbucket_agent_build_memory_usage", "Help.", SnapshotCollector.LabelNames);
        Gauge.Child[] children = [.. Enumerable.Range(0, series).Select(i => gauge.WithLabels(LabelValues(i)))];
        var random = new Random(1);
        return new Case(name, registry, () => Array.ForEach(children, child => child.Set(value(random))), series);
    }

    private static Case Histograms(int series)
    {
        int seriesPerChild = Buckets.Length + 3;
        int count = Math.Max(1, series / seriesPerChild);
        var registry = new CollectorRegistry();
        Histogram histogram = Metrics.WithCustomRegistry(registry)
            .CreateHistogram("bitbucket_agent_build_duration_seconds", "Help.", Buckets, SnapshotCollector.LabelNames);
        Histogram.Child[] children = [.. Enumerable.Range(0, count).Select(i => histogram.WithLabels(LabelValues(i)))];
        var random = new Random(1);
        return new Case("histogram", registry, () => Array.ForEach(children, child => child.Observe(random.NextDouble() * 12)), count * seriesPerChild);
    }
}

/// <summary>Writes gauges whose values differ from scrape to scrape.</summary>
internal sealed class SnapshotCollector : ICollector
{
    public static readonly string[] LabelNames = ["runner_uuid", "pipeline_uuid", "runner"];

    private readonly MetricFamily _family = new("bitbucket_agent_build_memory_usage", "Memory usage in bytes for build container", MetricType.Gauge, LabelNames);
    private readonly LabelSet[] _labels;
    private readonly double[] _doubles;
    private readonly bool _isDouble;
    private int _scrape;

    public SnapshotCollector(int series, bool doubles)
    {
        _labels = [.. Enumerable.Range(0, series).Select(i => _family.Schema.WithValues(Case.LabelValues(i)))];
        var random = new Random(1);
        _doubles = [.. Enumerable.Range(0, series).Select(_ => random.NextDouble())];
        _isDouble = doubles;
    }

    public string Name => "snapshot";

    public IReadOnlyList<MetricFamily> Families => [_family];

    public void Collect(MetricWriter writer)
    {
        int scrape = _scrape++;
        if (_isDouble)
        {
            // Another random double for each series in each scrape.
            int at = scrape % _labels.Length;
            foreach (LabelSet labels in _labels)
            {
                writer.Write(_family, labels, _doubles[at]);
                at = at + 1 == _doubles.Length ? 0 : at + 1;
            }
        }
        else
        {
            long value = 536_870_912L + scrape;
            foreach (LabelSet labels in _labels)
                writer.Write(_family, labels, value += 4099);
        }
    }
}
