using CiMetrics.Exposition;

namespace CiMetrics.RunnerExporter.State;

/// <summary>Everything that a scrape shows, at one moment.</summary>
/// <param name="EngineUp">Whether the Docker engine answers.</param>
/// <param name="Running">Every build that is taken to run, to be sampled.</param>
/// <param name="Builds">The builds to show, one for each pair of UUIDs, in the order of their start.</param>
/// <param name="BuildsStarted">Builds seen to start, or found running, since the exporter started.</param>
/// <param name="BuildsDropped">Builds not exported because too many ran at once.</param>
internal sealed record BuildSnapshot(
    bool EngineUp, IReadOnlyList<BuildFacts> Running, IReadOnlyList<BuildView> Builds, long BuildsStarted, long BuildsDropped)
{
    /// <summary>Before the engine was first asked.</summary>
    public static BuildSnapshot Unknown { get; } = new(EngineUp: false, [], [], 0, 0);
}

/// <summary>A running build. A figure that is not known is null and is not exported.</summary>
/// <param name="Facts">What the engine says of it.</param>
/// <param name="Labels">Its labels, encoded once.</param>
/// <param name="Usage">What the last sample says; null before the first and after several that failed.</param>
/// <param name="CpuCores">Cores used on average between the last two samples.</param>
internal sealed record BuildView(BuildFacts Facts, LabelSet Labels, Sampling.ContainerSample? Usage, double? CpuCores);
