namespace CiMetrics.Receiver.Ledger;

/// <summary>What is known of a name.</summary>
/// <param name="Value">The name as metrics carry it.</param>
/// <param name="Original">The name that the first event had.</param>
internal sealed record NameEntry(string Value, string Original)
{
    /// <summary>The most other names that are kept of one.</summary>
    public const int MostOthers = 16;

    /// <summary>Other names that became the same, the first few.</summary>
    public List<string> Others { get; } = [];

    /// <summary>Whether a name is one more that becomes the same.</summary>
    public bool CollidesWith(string original) => !string.Equals(original, Original, StringComparison.Ordinal);
}

/// <summary>What identifies a counter.</summary>
internal readonly record struct SeriesKey(string Name, string Project, string Status);

/// <summary>A counter of jobs.</summary>
/// <param name="Key">Its name and labels.</param>
/// <param name="Born">When it was first counted or declared, milliseconds since 1970.</param>
internal sealed record JobCounter(SeriesKey Key, long Born)
{
    /// <summary>Jobs.</summary>
    public long Count { get; set; }
}

/// <summary>A histogram of durations.</summary>
/// <param name="Name">The name.</param>
/// <param name="Status">The status.</param>
/// <param name="Born">When it was first counted or declared, milliseconds since 1970.</param>
/// <param name="Counts">Jobs per bucket, not cumulative; the last is above all bounds.</param>
internal sealed record DurationHistogram(string Name, string Status, long Born, long[] Counts)
{
    /// <summary>Seconds of all jobs.</summary>
    public double Sum { get; set; }
}
