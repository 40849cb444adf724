using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>Something that discovery or sampling learnt, in the order it was learnt.</summary>
internal abstract record BuildEvent
{
    private BuildEvent()
    {
    }

    /// <summary>The time, on this program's clock: what is learnt from now on is learnt at this time.</summary>
    public sealed record Clock(DateTimeOffset Now) : BuildEvent;

    /// <summary>The engine answers.</summary>
    public sealed record EngineUp : BuildEvent;

    /// <summary>The engine does not answer; what it said before may no longer hold.</summary>
    public sealed record EngineDown : BuildEvent;

    /// <summary>A build runs: it has just started, was found running, or its limits have changed.</summary>
    public sealed record Running(BuildFacts Facts) : BuildEvent;

    /// <summary>
    /// A build that was said to run no longer does; how it ended is told by an event that is on its way. One that was
    /// gone before the engine could be asked about it is known by its name alone.
    /// </summary>
    public sealed record Flashed(string Id, BuildName Name, DateTimeOffset? StartedAt = null) : BuildEvent;

    /// <summary>A build was frozen or released.</summary>
    public sealed record Paused(string Id, bool IsPaused) : BuildEvent;

    /// <summary>The kernel has killed a process of a build for want of memory.</summary>
    public sealed record OutOfMemory(string Id) : BuildEvent;

    /// <summary>A build's container has ended: when, by the engine's clock, and with which exit code of its first process.</summary>
    public sealed record Ended(string Id, DateTimeOffset? FinishedAt = null, int? ExitCode = null) : BuildEvent;

    /// <summary>A container is no build any more: it was given another name.</summary>
    public sealed record Renamed(string Id) : BuildEvent;

    /// <summary>Every container that runs at this moment: a build that is not among them has ended unseen.</summary>
    public sealed record Listed(IReadOnlySet<string> RunningIds) : BuildEvent;

    /// <summary>The outcome of sampling one run of a build.</summary>
    public sealed record Sampled(string Id, DateTimeOffset StartedAt, SampleOutcome Outcome) : BuildEvent;
}
