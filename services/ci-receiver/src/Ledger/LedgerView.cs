namespace CiMetrics.Receiver.Ledger;

/// <summary>
/// All figures of one moment, in arrays that are used again: reading a ledger allocates nothing once it has stopped
/// growing. Series keep their places, since none ever goes.
/// </summary>
internal sealed class LedgerView
{
    private JobCounter[] _counters = [];
    private long[] _counts = [];
    private DurationHistogram[] _durations = [];
    private long[] _buckets = [];
    private double[] _sums = [];
    private int _bucketCount = 1;

    /// <summary>How many counters there are.</summary>
    public int Counters { get; private set; }

    /// <summary>How many histograms there are.</summary>
    public int Durations { get; private set; }

    /// <summary>A counter's labels and birth.</summary>
    public JobCounter Counter(int index) => _counters[index];

    /// <summary>A counter's value.</summary>
    public long Count(int index) => _counts[index];

    /// <summary>A histogram's labels and birth.</summary>
    public DurationHistogram Duration(int index) => _durations[index];

    /// <summary>A histogram's buckets, not cumulative.</summary>
    public ReadOnlySpan<long> Buckets(int index) => _buckets.AsSpan(index * _bucketCount, _bucketCount);

    /// <summary>A histogram's sum in seconds.</summary>
    public double Sum(int index) => _sums[index];

    /// <summary>Takes the figures over.</summary>
    public void Copy(ReadOnlySpan<JobCounter> counters, ReadOnlySpan<DurationHistogram> durations, int bucketCount)
    {
        (_bucketCount, int knownCounters, int knownDurations) = (bucketCount, Counters, Durations);
        (Counters, Durations) = (counters.Length, durations.Length);
        Fit(ref _counters, counters.Length);
        Fit(ref _counts, counters.Length);
        Fit(ref _durations, durations.Length);
        Fit(ref _sums, durations.Length);
        Fit(ref _buckets, durations.Length * bucketCount);
        counters[knownCounters..].CopyTo(_counters.AsSpan(knownCounters));
        durations[knownDurations..].CopyTo(_durations.AsSpan(knownDurations));
        for (int i = 0; i < counters.Length; i++) _counts[i] = counters[i].Count;
        for (int i = 0; i < durations.Length; i++)
        {
            durations[i].Counts.CopyTo(_buckets.AsSpan(i * bucketCount));
            _sums[i] = durations[i].Sum;
        }
    }

    private static void Fit<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }
}
