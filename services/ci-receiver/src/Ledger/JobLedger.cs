using System.Runtime.InteropServices;
using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Ledger;

/// <summary>
/// What was counted. One thread decides and applies; any thread may read through <see cref="Read"/> and
/// <see cref="Figures"/>.
/// </summary>
internal sealed class JobLedger : IKnown
{
    private readonly Lock _lock = new();
    private readonly LedgerLimits _limits;
    private readonly Draft _draft = new();
    private readonly RecentKeys _keys;
    private readonly Dictionary<string, NameEntry> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _projects = new(StringComparer.Ordinal);
    private readonly Dictionary<SeriesKey, JobCounter> _counters = [];
    private readonly Dictionary<(string Name, string Status), DurationHistogram> _durations = [];

    // In the order of birth, which is the order of every scrape.
    private readonly List<JobCounter> _counterOrder = [];
    private readonly List<DurationHistogram> _durationOrder = [];
    private int _othersSeries;

    /// <summary>Creates an empty ledger.</summary>
    public JobLedger(LedgerLimits limits, BucketBounds bounds)
    {
        _limits = limits;
        Bounds = bounds;
        _keys = new RecentKeys(limits.Keys);
    }

    /// <summary>The histograms' buckets.</summary>
    public BucketBounds Bounds { get; }

    int IKnown.Names => _names.Count + _draft.Names.Count;

    int IKnown.Projects => _projects.Count + _draft.Projects.Count;

    int IKnown.Series => _counterOrder.Count - _othersSeries + _draft.Series.Count;

    bool IKnown.HasName(string name, out string original)
    {
        if (_names.TryGetValue(name, out NameEntry? entry))
        {
            original = entry.Original;
            return true;
        }

        bool drafted = _draft.Names.TryGetValue(name, out string? draft);
        original = draft ?? "";
        return drafted;
    }

    bool IKnown.HasProject(string project) => _projects.Contains(project) || _draft.Projects.Contains(project);

    bool IKnown.HasSeries(SeriesKey key) => _counters.ContainsKey(key) || _draft.Series.Contains(key);

    /// <summary>Begins a batch of decisions.</summary>
    public void BeginBatch() => _draft.Clear();

    /// <summary>Decides what an event adds, seeing what was decided before in this batch. Nothing is counted by it.</summary>
    public Decision Decide(JobEvent job)
    {
        if (job.Key is { } key && (_keys.Contains(key) || !_draft.Keys.Add(key))) return Decision.Duplicate;
        Decision decision = Folding.Decide(job, this, _limits);
        CountedEvent counted = decision.Event!.Value;
        if (!_names.ContainsKey(counted.Name)) _draft.Names.TryAdd(counted.Name, counted.Original);
        if (counted.Project == Folding.Other) return decision;
        if (!_projects.Contains(counted.Project)) _draft.Projects.Add(counted.Project);
        SeriesKey series = new(counted.Name, counted.Project, counted.Status);
        if (!_counters.ContainsKey(series)) _draft.Series.Add(series);
        return decision;
    }

    /// <summary>Counts what is stored.</summary>
    /// <param name="events">What was decided.</param>
    /// <param name="time">When it was received, milliseconds since 1970.</param>
    public void Apply(ReadOnlySpan<CountedEvent> events, long time)
    {
        lock (_lock)
        {
            foreach (CountedEvent counted in events)
            {
                Counter(new SeriesKey(counted.Name, counted.Project, counted.Status), counted.Original, time).Count++;
                if (counted.Seconds is { } seconds) Observe(Duration(counted.Name, counted.Status, time), seconds);
                if (counted.Key is { } key) _keys.Add(key, time);
            }

            _keys.ForgetBefore(time - (long)_limits.KeyRetention.TotalMilliseconds);
        }
    }

    /// <summary>Makes a counter and its histogram, at 0, where there are none.</summary>
    public void Declare(SeriesKey key, string original, long time)
    {
        lock (_lock)
        {
            Counter(key, original, time);
            Duration(key.Name, key.Status, time);
        }
    }

    /// <summary>Whether a counter and its histogram are there.</summary>
    public bool IsDeclared(SeriesKey key) => _counters.ContainsKey(key) && _durations.ContainsKey((key.Name, key.Status));

    /// <summary>Copies all figures into a view, which grows as needed.</summary>
    public void Read(LedgerView view)
    {
        lock (_lock) view.Copy(CollectionsMarshal.AsSpan(_counterOrder), CollectionsMarshal.AsSpan(_durationOrder), Bounds.BucketCount);
    }

    /// <summary>How much there is, for the receiver's own metrics.</summary>
    public LedgerFigures Figures()
    {
        lock (_lock)
            return new LedgerFigures(_names.Count, _projects.Count, _counterOrder.Count, _durationOrder.Count, _names.Values.Count(name => name.Others.Count > 0), _keys.Count, _keys.ForgottenTo);
    }

    /// <summary>Everything as it is now, for a snapshot: what comes later does not show in it.</summary>
    public LedgerImage Capture()
    {
        lock (_lock)
        {
            return new LedgerImage(
                [.. Bounds.Values],
                [.. _names.Values.Select(name => new NameImage(name.Value, name.Original, [.. name.Others]))],
                [.. _counterOrder.Select(counter => new CounterImage(counter.Key, counter.Born, counter.Count))],
                [.. _durationOrder.Select(duration => new DurationImage(duration.Name, duration.Status, duration.Born, [.. duration.Counts], duration.Sum))],
                _keys.Capture(),
                _keys.ForgottenTo);
        }
    }

    /// <summary>Takes names and figures over from elsewhere, in place of its own; nothing goes that is not there.</summary>
    public void Refresh(LedgerImage image)
    {
        lock (_lock)
        {
            foreach (NameImage name in image.Names) Restore(name);
            foreach (CounterImage counter in image.Counters) Restore(counter);
            foreach (DurationImage duration in image.Durations)
            {
                Array.Clear(Duration(duration.Name, duration.Status, duration.Born).Counts);
                Restore(duration, image.Bounds);
            }
        }
    }

    /// <summary>Whether a name is known to stand for another, or as many as are kept do.</summary>
    public bool IsKnown(string name, string original) =>
        _names.TryGetValue(name, out NameEntry? entry) && (!entry.CollidesWith(original) || entry.Others.Count >= NameEntry.MostOthers || entry.Others.Contains(original));

    /// <summary>Whether the decisions since <see cref="BeginBatch"/> bring names, projects or counters that are not there.</summary>
    public bool BringsNew => _draft.Names.Count + _draft.Projects.Count + _draft.Series.Count > 0;

    /// <summary>Takes a name over from a snapshot.</summary>
    public void Restore(NameImage name)
    {
        // Earlier versions have stored whole names.
        NameEntry entry = new(name.Value, OriginalName.Of(name.Original));
        entry.Others.AddRange(name.Others.Select(OriginalName.Of).Distinct(StringComparer.Ordinal).Where(entry.CollidesWith));
        _names[name.Value] = entry;
    }

    /// <summary>Takes a counter over from a snapshot.</summary>
    public void Restore(CounterImage counter) => Counter(counter.Key, original: null, counter.Born).Count = counter.Count;

    /// <summary>Takes a histogram over from a snapshot, whose buckets may have had other bounds.</summary>
    public void Restore(DurationImage duration, IReadOnlyList<double> bounds)
    {
        DurationHistogram target = Duration(duration.Name, duration.Status, duration.Born);
        target.Sum = duration.Sum;
        // A job is in the first bucket that holds it for certain: right wherever both have the same bound.
        for (int i = 0; i < duration.Counts.Count; i++)
            target.Counts[i < bounds.Count ? Bounds.IndexOf(bounds[i]) : ^1] += duration.Counts[i];
    }

    /// <summary>Takes keys over from a snapshot.</summary>
    public void Restore(KeyBlock block)
    {
        for (int i = 0; i < block.Keys.Length; i++) _keys.Add(block.Keys.Span[i], block.Times.Span[i] * 1000L);
    }

    /// <summary>Takes over from a snapshot how far back keys had to go before their time.</summary>
    public void RestoreForgotten(long time) => _keys.ForgottenTo = Math.Max(_keys.ForgottenTo, time);

    private JobCounter Counter(SeriesKey key, string? original, long time)
    {
        if (original is not null) original = OriginalName.Of(original);
        if (!_names.TryGetValue(key.Name, out NameEntry? name)) _names.Add(key.Name, new NameEntry(key.Name, original ?? key.Name));
        else if (original is not null && name.CollidesWith(original) && name.Others.Count < NameEntry.MostOthers && !name.Others.Contains(original)) name.Others.Add(original);
        if (_counters.TryGetValue(key, out JobCounter? counter)) return counter;
        _projects.Add(key.Project);
        _counters.Add(key, counter = new JobCounter(key, time));
        _counterOrder.Add(counter);
        if (key.Project == Folding.Other) _othersSeries++;
        return counter;
    }

    private DurationHistogram Duration(string name, string status, long time)
    {
        if (_durations.TryGetValue((name, status), out DurationHistogram? duration)) return duration;
        _durations.Add((name, status), duration = new DurationHistogram(name, status, time, new long[Bounds.BucketCount]));
        _durationOrder.Add(duration);
        return duration;
    }

    private void Observe(DurationHistogram duration, double seconds)
    {
        duration.Counts[Bounds.IndexOf(seconds)]++;
        duration.Sum += seconds;
    }
}
