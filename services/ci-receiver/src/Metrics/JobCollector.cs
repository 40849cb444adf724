using CiMetrics.Exposition;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Metrics;

/// <summary>
/// Writes the ledger. With <paramref name="zeroFirst"/> a series is 0 for that long after its birth: <c>increase()</c>
/// counts from the first sample that it sees, and one that begins at 1 would lose the first job. The clock decides, so
/// that every scraper sees the same.
/// </summary>
/// <param name="read">Copies the ledger's figures.</param>
/// <param name="bounds">The histograms' buckets.</param>
/// <param name="zeroFirst">How long a new series is 0; zero: never.</param>
/// <param name="time">The clock.</param>
internal sealed class JobCollector(Action<LedgerView> read, BucketBounds bounds, TimeSpan zeroFirst, TimeProvider time) : ICollector
{
    private readonly Dictionary<string, JobFamilies> _families = new(StringComparer.Ordinal);
    private readonly List<Row> _counters = [];
    private readonly List<Row> _durations = [];
    private readonly LedgerView _view = new();
    private readonly long[] _zeros = new long[bounds.BucketCount];

    public string Name => "jobs";

    public IReadOnlyList<MetricFamily> Families => [];

    public bool HasMoreFamilies => true;

    public void Collect(MetricWriter writer)
    {
        read(_view);
        AddRows();
        long hiddenSince = (time.GetUtcNow() - zeroFirst).ToUnixTimeMilliseconds();
        for (int i = 0; i < _view.Counters; i++)
        {
            Row row = _counters[i];
            writer.WriteCounter(row.Family, row.Labels, row.Born > hiddenSince && zeroFirst > TimeSpan.Zero ? 0 : _view.Count(i), exemplar: null, row.Created);
        }

        for (int i = 0; i < _view.Durations; i++)
        {
            Row row = _durations[i];
            bool hidden = row.Born > hiddenSince && zeroFirst > TimeSpan.Zero;
            writer.WriteHistogram(row.Family, row.Labels, bounds, hidden ? _zeros : _view.Buckets(i), hidden ? 0 : _view.Sum(i), created: row.Created);
        }
    }

    // Series keep their places: rows are made once, for those that are new.
    private void AddRows()
    {
        for (int i = _counters.Count; i < _view.Counters; i++)
        {
            JobCounter counter = _view.Counter(i);
            _counters.Add(new Row(FamiliesOf(counter.Key.Name).Total, JobFamilies.CounterLabels.WithValues(counter.Key.Project, counter.Key.Status), counter.Born));
        }

        for (int i = _durations.Count; i < _view.Durations; i++)
        {
            DurationHistogram duration = _view.Duration(i);
            _durations.Add(new Row(FamiliesOf(duration.Name).Duration, JobFamilies.DurationLabels.WithValues(duration.Status), duration.Born));
        }
    }

    private JobFamilies FamiliesOf(string name)
    {
        if (!_families.TryGetValue(name, out JobFamilies? families)) _families.Add(name, families = new JobFamilies(name));
        return families;
    }

    private readonly record struct Row(MetricFamily Family, LabelSet Labels, long Born)
    {
        public DateTimeOffset Created => DateTimeOffset.FromUnixTimeMilliseconds(Born);
    }
}
