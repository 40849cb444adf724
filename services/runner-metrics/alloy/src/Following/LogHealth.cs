namespace CiMetrics.AlloyRunner.Following;

/// <summary>How the log is read; immutable.</summary>
/// <param name="Source"><c>file</c>, <c>journal</c> or <c>none</c>.</param>
/// <param name="IsUp">Whether it can be read now.</param>
internal sealed record LogHealth(string Source, bool IsUp)
{
    /// <summary>Nothing was looked at yet.</summary>
    public static readonly LogHealth None = new("none", IsUp: false);

    public long Bytes { get; init; }

    public long Lines { get; init; }

    public long CutLines { get; init; }

    public long Rotations { get; init; }

    public long Truncations { get; init; }

    public long Gaps { get; init; }

    /// <summary>Bytes that were not read yet.</summary>
    public long Lag { get; init; }

    /// <summary>Times that the position and the counters could not be kept.</summary>
    public long CheckpointFailures { get; init; }

    /// <summary>When they were last kept.</summary>
    public DateTimeOffset? CheckpointAt { get; init; }
}
