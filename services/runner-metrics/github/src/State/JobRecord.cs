using System.Text.Json.Serialization;

namespace CiMetrics.GitHubRunner.State;

/// <summary>All that is known of one job, from whichever source, and what was counted of it.</summary>
internal sealed class JobRecord
{
    /// <summary>The runner's own id of it; null while only GitHub has told of it.</summary>
    public Guid? Job { get; set; }

    /// <summary>GitHub's id of it; null while only the runner's log tells of it.</summary>
    public long? ApiId { get; set; }

    /// <summary>The runner; empty while none has it.</summary>
    public string Runner { get; set; } = "";

    /// <summary>Which job of which run; null while nobody has said.</summary>
    public JobIdentity? Identity { get; set; }

    public DateTimeOffset? Received { get; set; }

    public DateTimeOffset? Finished { get; set; }

    public JobResult? LogResult { get; set; }

    public JobResult? WorkerResult { get; set; }

    /// <summary>The listener ended before it could say how this job ended.</summary>
    public bool IsOrphan { get; set; }

    public DateTimeOffset? QueuedHeard { get; set; }

    public DateTimeOffset? RunningHeard { get; set; }

    public DateTimeOffset? Created { get; set; }

    public DateTimeOffset? ApiStarted { get; set; }

    public DateTimeOffset? ApiCompleted { get; set; }

    public JobResult? ApiResult { get; set; }

    public bool IsCounted { get; set; }

    public bool IsQueueCounted { get; set; }

    public bool IsDeploymentCounted { get; set; }

    public bool IsLeadCounted { get; set; }

    public bool IsDisagreementCounted { get; set; }

    /// <summary>GitHub was asked about it.</summary>
    public bool IsAsked { get; set; }

    /// <summary>GitHub was asked for the commit's time.</summary>
    public bool IsCommitAsked { get; set; }

    /// <summary>When something was last learned of it, by our clock.</summary>
    public DateTimeOffset Touched { get; set; }

    /// <summary>When it ended; null while nobody has said.</summary>
    [JsonIgnore]
    public DateTimeOffset? Ended => Finished ?? ApiCompleted;

    /// <summary>How it ended, as far as somebody has said. Of a lost job GitHub knows better than we guess.</summary>
    [JsonIgnore]
    public JobResult? Result => IsOrphan ? ApiResult ?? LogResult : LogResult ?? ApiResult;

    /// <summary>GitHub says that it waits for a runner.</summary>
    [JsonIgnore]
    public bool IsQueued => QueuedHeard is not null && ApiStarted is null && RunningHeard is null && Result is null && Received is null;

    /// <summary>Since when it runs; null while it does not, or not any more.</summary>
    [JsonIgnore]
    public DateTimeOffset? RunsSince => Result is null ? Received ?? ApiStarted : null;

    /// <summary>Takes over what a record of the same job knows that came from another source.</summary>
    public void Merge(JobRecord other)
    {
        Job ??= other.Job;
        ApiId ??= other.ApiId;
        if (Runner.Length == 0) Runner = other.Runner;
        Identity = Identity is null ? other.Identity : Joined(Identity, other.Identity);
        Received ??= other.Received;
        Finished ??= other.Finished;
        LogResult ??= other.LogResult;
        WorkerResult ??= other.WorkerResult;
        IsOrphan |= other.IsOrphan;
        QueuedHeard ??= other.QueuedHeard;
        RunningHeard ??= other.RunningHeard;
        Created ??= other.Created;
        ApiStarted ??= other.ApiStarted;
        ApiCompleted ??= other.ApiCompleted;
        ApiResult ??= other.ApiResult;
        IsCounted |= other.IsCounted;
        IsQueueCounted |= other.IsQueueCounted;
        IsDeploymentCounted |= other.IsDeploymentCounted;
        IsLeadCounted |= other.IsLeadCounted;
        IsDisagreementCounted |= other.IsDisagreementCounted;
        IsAsked |= other.IsAsked;
        IsCommitAsked |= other.IsCommitAsked;
        if (other.Touched > Touched) Touched = other.Touched;
    }

    /// <summary>What both know of the identity.</summary>
    internal static JobIdentity Joined(JobIdentity one, JobIdentity? other) => other is null ? one : one with
    {
        CheckRunId = one.CheckRunId ?? other.CheckRunId,
        Workflow = one.Workflow.Length > 0 ? one.Workflow : other.Workflow,
        Environment = one.Environment ?? other.Environment,
        Committed = one.Committed ?? other.Committed,
    };
}
