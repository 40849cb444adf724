using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>Something that discovery or sampling learnt, in the order it was learnt.</summary>
internal abstract record BuildEvent
{
    private BuildEvent()
    {
    }

    /// <summary>The engine answers.</summary>
    public sealed record EngineUp : BuildEvent;

    /// <summary>The engine does not answer; what it said before may no longer hold.</summary>
    public sealed record EngineDown : BuildEvent;

    /// <summary>A build runs: it has just started, was found running, or its limits have changed.</summary>
    public sealed record Running(BuildFacts Facts) : BuildEvent;

    /// <summary>A build started and was gone before the engine could be asked about it.</summary>
    public sealed record Flashed(string Id) : BuildEvent;

    /// <summary>A build was frozen or released.</summary>
    public sealed record Paused(string Id, bool IsPaused) : BuildEvent;

    /// <summary>A build's container has ended.</summary>
    public sealed record Ended(string Id) : BuildEvent;

    /// <summary>Every container that runs at this moment: a build that is not among them has ended unseen.</summary>
    public sealed record Listed(IReadOnlySet<string> RunningIds) : BuildEvent;

    /// <summary>The outcome of sampling one run of a build.</summary>
    public sealed record Sampled(string Id, DateTimeOffset StartedAt, SampleOutcome Outcome) : BuildEvent;
}
