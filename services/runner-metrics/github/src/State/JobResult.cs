namespace CiMetrics.GitHubRunner.State;

/// <summary>How a job ended; the values of the label <c>status</c>.</summary>
internal enum JobResult
{
    /// <summary>It succeeded, with or without warnings.</summary>
    Success,

    /// <summary>A step, the set-up or the worker failed, or it took too long.</summary>
    Failed,

    /// <summary>Somebody, or something, cancelled it.</summary>
    Cancelled,

    /// <summary>Its condition was not fulfilled.</summary>
    Skipped,

    /// <summary>The runner lost it, or was lost with it.</summary>
    Abandoned,
}

/// <summary>The words that others use for results.</summary>
internal static class JobResults
{
    /// <summary>Every result, in the order of the label's values in the documentation.</summary>
    public static readonly IReadOnlyList<JobResult> All = [JobResult.Success, JobResult.Failed, JobResult.Cancelled, JobResult.Skipped, JobResult.Abandoned];

    /// <summary>The value of the label.</summary>
    public static string Label(JobResult result) => result switch
    {
        JobResult.Success => "success",
        JobResult.Failed => "failed",
        JobResult.Cancelled => "cancelled",
        JobResult.Skipped => "skipped",
        JobResult.Abandoned => "abandoned",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "has no label"),
    };

    /// <summary>The word of the runner's log; null for any other text.</summary>
    public static JobResult? OfLog(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("Succeeded"u8) || word.SequenceEqual("SucceededWithIssues"u8) ? JobResult.Success
        : word.SequenceEqual("Failed"u8) ? JobResult.Failed
        : word.SequenceEqual("Canceled"u8) ? JobResult.Cancelled
        : word.SequenceEqual("Skipped"u8) ? JobResult.Skipped
        : word.SequenceEqual("Abandoned"u8) ? JobResult.Abandoned
        : null;

    /// <summary>The conclusion that GitHub's API gives; null while there is none.</summary>
    public static JobResult? OfApi(string? conclusion) => conclusion switch
    {
        "success" or "neutral" => JobResult.Success,
        "failure" or "timed_out" or "startup_failure" or "action_required" => JobResult.Failed,
        "cancelled" => JobResult.Cancelled,
        "skipped" => JobResult.Skipped,
        "stale" => JobResult.Abandoned,
        _ => null,
    };

    /// <summary>The word of the earlier shell exporter's <c>jobs.log</c>; null for any other text.</summary>
    public static JobResult? OfJobsLog(string word) => word switch
    {
        "success" => JobResult.Success,
        "failed" or "failure" => JobResult.Failed,
        "cancelled" or "canceled" => JobResult.Cancelled,
        "skipped" => JobResult.Skipped,
        "abandoned" => JobResult.Abandoned,
        _ => null,
    };
}
