namespace CiMetrics.GitHubRunner.State;

/// <summary>
/// What a source has learned. Facts come in any order, twice, and from sources that know of each other nothing: what
/// they are about is in each of them.
/// </summary>
internal abstract record Fact
{
    private Fact()
    {
    }

    /// <summary>The listener got a job.</summary>
    public sealed record Received(string Runner, Guid Job, DateTimeOffset At) : Fact;

    /// <summary>The worker's job message says which job of which run it is.</summary>
    public sealed record Described(string Runner, Guid Job, JobIdentity Identity, DateTimeOffset At) : Fact;

    /// <summary>The worker knows the result; the listener says it once more unless it is lost.</summary>
    public sealed record WorkerEnded(string Runner, Guid Job, JobResult Result, DateTimeOffset At) : Fact;

    /// <summary>The listener reports a result to GitHub: the end of a job.</summary>
    public sealed record Finished(string Runner, Guid Job, JobResult Result, DateTimeOffset At) : Fact;

    /// <summary>Something about the listener's session has changed.</summary>
    public sealed record Session(string Runner, SessionChange Change, DateTimeOffset At) : Fact;

    /// <summary>The listener tells its version, which it does once, when it starts.</summary>
    public sealed record Started(string Runner, string Version, DateTimeOffset At) : Fact;

    /// <summary>A job hook ran. It does not know the result.</summary>
    public sealed record Hook(string Runner, bool IsStart, long RunId, int Attempt, DateTimeOffset At) : Fact
    {
        /// <summary>Whose run it is, as <c>owner/name</c>; empty where the hook does not say.</summary>
        public string Repository { get; init; } = "";

        /// <summary>The address of the API that the job knows; null where the hook does not say.</summary>
        public string? ApiUrl { get; init; }
    }

    /// <summary>GitHub says how a job stands, by webhook or in answer to a question.</summary>
    public sealed record Api(ApiJob Job) : Fact;

    /// <summary>A step has looked for a cache.</summary>
    /// <param name="Runner">The runner.</param>
    /// <param name="Source">The step that says so.</param>
    /// <param name="Ordinal">The how manieth of that step, from 1: it is counted once however often its files are read.</param>
    /// <param name="Type">What is cached, one of <see cref="Steps.CacheTypes"/>.</param>
    /// <param name="Result">What was found.</param>
    public sealed record CacheRestored(string Runner, string Source, int Ordinal, string Type, CacheResult Result) : Fact;

    /// <summary>A line of the earlier shell exporter's <c>jobs.log</c>.</summary>
    public sealed record Imported(string Runner, JobResult Result, double? Seconds) : Fact;
}

/// <summary>Which job of which run.</summary>
internal sealed record JobIdentity
{
    public long RunId { get; init; }

    public int Attempt { get; init; } = 1;

    /// <summary>The job as GitHub's API numbers it; null where the message does not say.</summary>
    public long? CheckRunId { get; init; }

    /// <summary>The name that people see, chosen by who writes the workflow.</summary>
    public string Name { get; init; } = "";

    public string Repository { get; init; } = "";

    public string Workflow { get; init; } = "";

    /// <summary>The environment that it deploys to; null: none.</summary>
    public string? Environment { get; init; }

    /// <summary>When the commit was made that it runs for; null where that is not said.</summary>
    public DateTimeOffset? Committed { get; init; }
}

/// <summary>How a job stands for GitHub.</summary>
internal sealed record ApiJob
{
    public required long Id { get; init; }

    public required JobIdentity Identity { get; init; }

    /// <summary>Empty until a runner has it.</summary>
    public string Runner { get; init; } = "";

    /// <summary><c>waiting</c>, <c>queued</c>, <c>in_progress</c> or <c>completed</c>.</summary>
    public required string Status { get; init; }

    public JobResult? Result { get; init; }

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Completed { get; init; }

    /// <summary>When we heard of it.</summary>
    public required DateTimeOffset Heard { get; init; }
}

/// <summary>What changes in a listener's session.</summary>
internal enum SessionChange
{
    Listening,
    ConnectError,
    Reconnected,
    Busy,
    Online,
}

/// <summary>What a step found when it looked for a cache.</summary>
internal enum CacheResult
{
    /// <summary>An entry under the very key.</summary>
    Hit,

    /// <summary>An older one, under a key to fall back on.</summary>
    Partial,

    /// <summary>Nothing.</summary>
    Miss,
}
