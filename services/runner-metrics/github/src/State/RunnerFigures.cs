namespace CiMetrics.GitHubRunner.State;

/// <summary>What was counted of one runner, and how its session stands; kept over restarts as it is.</summary>
internal sealed class RunnerFigures
{
    /// <summary>Ended jobs by result, in the order of the enum.</summary>
    public long[] Jobs { get; set; } = new long[JobResults.All.Count];

    public Durations JobSeconds { get; set; } = new();

    /// <summary>Ended jobs of which the beginning or the end is not known, or whose clock went back.</summary>
    public long WithoutDuration { get; set; }

    /// <summary>By what is cached: restores by result, in the order of the enum.</summary>
    public Dictionary<string, long[]> Restores { get; set; } = [];

    public string? Version { get; set; }

    /// <summary>Null before the log has said.</summary>
    public bool? IsListening { get; set; }

    public bool IsConnected { get; set; } = true;

    public bool IsBusy { get; set; }

    public long ConnectErrors { get; set; }

    public long Starts { get; set; }

    public long HookStarts { get; set; }

    public long HookCompletions { get; set; }

    /// <summary>When the last job ended that is known to have.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When the job began of which only hooks have told so far; null: there is none.</summary>
    public DateTimeOffset? HookedSince { get; set; }
}
