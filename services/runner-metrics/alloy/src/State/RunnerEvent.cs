namespace CiMetrics.AlloyRunner.State;

/// <summary>What happened to the runner, from whatever source.</summary>
internal abstract record RunnerEvent
{
    private RunnerEvent()
    {
    }

    /// <summary>When it happened; null where nobody knows (a line without a time that was read long after it was written).</summary>
    public DateTimeOffset? When { get; init; }

    /// <summary>A job came, or is known to run.</summary>
    public sealed record JobStarted(long Job, string Runner) : RunnerEvent
    {
        /// <summary>How long it had waited, in seconds; null where the log does not say.</summary>
        public double? QueueSeconds { get; init; }
    }

    /// <summary>A job ended.</summary>
    public sealed record JobFinished(long Job, string Runner, JobResult Result) : RunnerEvent
    {
        /// <summary>How long it took, in seconds; null where the log does not say.</summary>
        public double? Seconds { get; init; }
    }

    /// <summary>A job is not run any more; its result came before or never will.</summary>
    public sealed record JobGone(long Job) : RunnerEvent;

    /// <summary>The runner said how many jobs it runs.</summary>
    public sealed record BuildCount(long Builds) : RunnerEvent;

    /// <summary>The runner began anew: it runs nothing.</summary>
    public sealed record RunnerStarted : RunnerEvent;

    /// <summary>The observed process is another one than before, and began at this moment.</summary>
    public sealed record ProcessChanged(int Pid, double StartSeconds, DateTimeOffset? Began) : RunnerEvent;

    /// <summary>The observed process does not run.</summary>
    public sealed record ProcessGone : RunnerEvent;

    /// <summary>The coordinator answered, or did not as it should.</summary>
    public sealed record Contact(bool Succeeded) : RunnerEvent;

    /// <summary>The runner read its configuration, or failed to.</summary>
    public sealed record ConfigRead(bool Succeeded) : RunnerEvent;

    /// <summary>A docker machine was created.</summary>
    public sealed record MachineCreated(string Name, double? Seconds) : RunnerEvent;

    /// <summary>A job uses a docker machine.</summary>
    public sealed record MachineUsed(string Name, long? Job) : RunnerEvent;

    /// <summary>A docker machine is to go.</summary>
    public sealed record MachineRemoving(string Name) : RunnerEvent;

    /// <summary>A docker machine is gone.</summary>
    public sealed record MachineRemoved(string Name) : RunnerEvent;

    /// <summary>What was seen of jobs at work beside the log; null: nobody looks.</summary>
    public sealed record JobsSeen(JobSight Sight, IReadOnlyList<SeenJob>? Jobs) : RunnerEvent;

    /// <summary>What was seen of docker machines beside the log: those being created and removed, and how many there are.</summary>
    public sealed record MachinesSeen(MachineCounts? Docker, MachineCounts? Ssh) : RunnerEvent;
}

/// <summary>How a job ended.</summary>
internal enum JobResult
{
    /// <summary>Well.</summary>
    Success,

    /// <summary>Its script failed.</summary>
    ScriptFailure,

    /// <summary>The runner could not run it.</summary>
    SystemFailure,

    /// <summary>Somebody canceled it.</summary>
    Canceled,

    /// <summary>It took longer than allowed.</summary>
    TimedOut,
}

/// <summary>A job at work, as processes or containers show it.</summary>
/// <param name="Key">Stands for what was seen (a process, a container), the same while it is the same.</param>
/// <param name="Job">Which job it is; null where that cannot be told.</param>
/// <param name="Stage">What it does now; empty where that cannot be told.</param>
internal sealed record SeenJob(string Key, long? Job, string Stage)
{
    /// <summary>The stage was seen to begin; else it was under way already.</summary>
    public bool IsFresh { get; init; } = true;

    /// <summary>The stage has ended, and the next one has not begun.</summary>
    public bool IsBetween { get; init; }
}

/// <summary>Docker machines by what is done with them.</summary>
/// <param name="Total">All that there are on disk; null where that cannot be seen.</param>
/// <param name="Creating">Being created.</param>
/// <param name="Removing">Being removed.</param>
internal sealed record MachineCounts(long? Total, long Creating, long Removing);
