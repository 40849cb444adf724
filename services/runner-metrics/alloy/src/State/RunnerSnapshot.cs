using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.State;

/// <summary>What is known of the runner at one moment; immutable.</summary>
internal sealed record RunnerSnapshot
{
    /// <summary>The jobs that run now, added up over what the labels tell.</summary>
    public required IReadOnlyList<BuildGroup> Builds { get; init; }

    /// <summary>All jobs that run now.</summary>
    public required long Running { get; init; }

    /// <summary>Jobs of each runner that have begun.</summary>
    public required IReadOnlyDictionary<string, long> Started { get; init; }

    /// <summary>Ended jobs by runner and result.</summary>
    public required IReadOnlyDictionary<(string Runner, JobResult Result), long> Finished { get; init; }

    /// <summary>Durations of ended jobs by runner.</summary>
    public required IReadOnlyDictionary<string, Durations> JobSeconds { get; init; }

    /// <summary>Durations of the stages that were seen to end.</summary>
    public required IReadOnlyDictionary<string, Durations> StageSeconds { get; init; }

    /// <summary>Time that jobs waited in the coordinator's queue.</summary>
    public required Durations QueueSeconds { get; init; }

    /// <summary>Lines of the log at each level, warning and above.</summary>
    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>What the machine executors did and have.</summary>
    public required IReadOnlyList<MachineFigures> Machines { get; init; }

    /// <summary>When the coordinator last answered; null before it was seen to.</summary>
    public required DateTimeOffset? LastContact { get; init; }

    /// <summary>Times that the coordinator did not answer as it should.</summary>
    public required long ContactFailures { get; init; }

    /// <summary>Whether the runner read its configuration without a mistake when it last did; null before it was seen to.</summary>
    public required bool? ConfigOk { get; init; }

    /// <summary>When it last did so.</summary>
    public required DateTimeOffset? ConfigReadAt { get; init; }

    /// <summary>Times that the runner was seen to begin anew.</summary>
    public required long Restarts { get; init; }

    /// <summary>Jobs that a count of the runner's own added to ours.</summary>
    public required long ReconciledMissing { get; init; }

    /// <summary>Jobs that a count of the runner's own took from ours.</summary>
    public required long ReconciledSurplus { get; init; }

    /// <summary>Lines in no format of the runner's, or without what they always have.</summary>
    public required long UnparsedLines { get; init; }

    /// <summary>Jobs that were counted under <c>other</c> because there were too many runners.</summary>
    public required long FoldedRunners { get; init; }
}

/// <summary>Jobs that the labels do not tell apart.</summary>
internal sealed record BuildGroup(string Runner, string State, string Stage, long Count);

/// <summary>What one machine executor did and has.</summary>
/// <param name="IsSsh">Whether it is <c>docker-ssh+machine</c>.</param>
/// <param name="Created">Machines created.</param>
/// <param name="Used">Times that a job used one.</param>
/// <param name="Removed">Machines removed.</param>
/// <param name="CreationSeconds">How long creating took.</param>
/// <param name="Creating">Being created now.</param>
/// <param name="Removing">Being removed now.</param>
/// <param name="InUse">Used by a job now.</param>
/// <param name="Idle">Waiting for a job now.</param>
internal sealed record MachineFigures(
    bool IsSsh, long Created, long Used, long Removed, Durations CreationSeconds, long Creating, long Removing, long InUse, long Idle);

/// <summary>A histogram's figures.</summary>
/// <param name="Counts">Per bucket, not cumulative.</param>
/// <param name="Sum">In seconds.</param>
internal sealed record Durations(long[] Counts, double Sum)
{
    /// <summary>Jobs and stages.</summary>
    public static readonly BucketBounds JobBounds = new(30, 60, 300, 600, 1800, 3600, 7200, 10800, 18000, 36000);

    /// <summary>Stages of jobs.</summary>
    public static readonly BucketBounds StageBounds = new(1, 5, 15, 30, 60, 300, 600, 1800, 3600, 7200);

    /// <summary>Waiting in the queue.</summary>
    public static readonly BucketBounds QueueBounds = new(1, 3, 10, 30, 60, 120, 300, 900, 1800, 3600);

    /// <summary>Machines, as the runner itself has it: ten buckets, each a quarter longer, from 30 s on.</summary>
    public static readonly BucketBounds MachineBounds = new([.. Enumerable.Range(0, 10).Select(power => 30 * Math.Pow(1.25, power))]);

    /// <summary>Nothing observed yet.</summary>
    public static Durations Empty(BucketBounds bounds) => new(new long[bounds.BucketCount], 0);

    /// <summary>With one more value.</summary>
    public Durations With(BucketBounds bounds, double seconds)
    {
        long[] counts = [.. Counts];
        counts[bounds.IndexOf(seconds)]++;
        return new Durations(counts, Sum + seconds);
    }
}
