using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>Everything that a scrape shows, at one moment.</summary>
/// <param name="EngineUp">Whether the Docker engine answers.</param>
/// <param name="Running">Every build that is taken to run, to be sampled.</param>
/// <param name="Builds">The running builds to show, one for each pair of UUIDs, in the order of their start.</param>
/// <param name="Finished">The builds to show that have ended, of other pairs of UUIDs.</param>
/// <param name="BuildsStarted">Builds seen to start, or found running, since the exporter started.</param>
/// <param name="BuildsDropped">Builds not exported because too many ran at once.</param>
internal sealed record BuildSnapshot(
    bool EngineUp,
    IReadOnlyList<BuildFacts> Running,
    IReadOnlyList<BuildView> Builds,
    IReadOnlyList<BuildView> Finished,
    long BuildsStarted,
    long BuildsDropped)
{
    /// <summary>Before the engine was first asked.</summary>
    public static BuildSnapshot Unknown { get; } = new(EngineUp: false, [], [], [], 0, 0);

    /// <summary>What the builds of each runner add up to.</summary>
    public IReadOnlyList<RunnerView> Runners { get; init; } = [];

    /// <summary>Builds counted for no runner of their own because there were too many runners.</summary>
    public long BuildsFolded { get; init; }
}

/// <summary>A build. A figure that is not known is null and is not exported.</summary>
/// <param name="Facts">What the engine says of it.</param>
/// <param name="Labels">Its labels, encoded once.</param>
/// <param name="Usage">What the last sample says; null before the first, after several that failed, and after the end.</param>
/// <param name="CpuCores">Cores used on average between the last two samples.</param>
/// <param name="Totals">The last good sample, however old: its cumulative figures hold.</param>
/// <param name="OomKills">Processes that the kernel has killed for want of memory, as far as is known.</param>
/// <param name="End">Null while it runs.</param>
internal sealed record BuildView(
    BuildFacts Facts, LabelSet Labels, ContainerSample? Usage, double? CpuCores, ContainerSample? Totals, long OomKills, BuildEnd? End)
{
    /// <summary>From start to finish by the engine's clock; null while it runs and where either is not known.</summary>
    public TimeSpan? Duration => End?.FinishedAt is { } finish && Facts.IsStartKnown && finish >= Facts.StartedAt ? finish - Facts.StartedAt : null;
}
