using System.Text.Json.Serialization;
using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.AlloyRunner.State;

/// <summary>All that survives a restart of ours: how far the log was read, and what was true there.</summary>
internal sealed record RunnerImage
{
    /// <summary>The version of this layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The log's file position; null where it is not a file or was not found yet.</summary>
    public LogPosition? Position { get; init; }

    /// <summary>The journal's cursor; null where the log is not the journal.</summary>
    public string? Cursor { get; init; }

    public LiveJob[] Jobs { get; init; } = [];

    public long Unknown { get; init; }

    public Dictionary<string, long> Started { get; init; } = [];

    public FinishedCount[] Finished { get; init; } = [];

    public Dictionary<string, Durations> JobSeconds { get; init; } = [];

    public Dictionary<string, Durations> StageSeconds { get; init; } = [];

    public Durations? QueueSeconds { get; init; }

    public long[] Errors { get; init; } = [];

    public MachineTally Docker { get; init; } = new();

    public MachineTally Ssh { get; init; } = new();

    public DateTimeOffset? LastContact { get; init; }

    public long ContactFailures { get; init; }

    public bool? ConfigOk { get; init; }

    public DateTimeOffset? ConfigReadAt { get; init; }

    public long Restarts { get; init; }

    public long ReconciledMissing { get; init; }

    public long ReconciledSurplus { get; init; }

    public long UnparsedLines { get; init; }

    public long FoldedRunners { get; init; }

    public int Pid { get; init; }

    public double PidStart { get; init; }

    public long[] RecentlyFinished { get; init; } = [];
}

/// <summary>A job that runs.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Runner">The runner's label.</param>
/// <param name="Since">When it was seen to begin; null where that is not known.</param>
/// <param name="SeenAt">When we heard of it.</param>
internal sealed record LiveJob(long Job, string Runner, DateTimeOffset? Since, DateTimeOffset SeenAt);

/// <summary>A count of ended jobs.</summary>
internal sealed record FinishedCount(string Runner, JobResult Result, long Count);

/// <summary>What one machine executor did, and the machines that the log tells of.</summary>
internal sealed record MachineTally
{
    public long Created { get; init; }

    public long Used { get; init; }

    public long Removed { get; init; }

    public Durations? CreationSeconds { get; init; }

    /// <summary>Machines by name: the job that uses each (0: none), or -1 while it is being removed.</summary>
    public Dictionary<string, long> Machines { get; init; } = [];
}

/// <summary>Without reflection: the program is trimmed.</summary>
[JsonSerializable(typeof(RunnerImage))]
internal sealed partial class RunnerImageJson : JsonSerializerContext;
