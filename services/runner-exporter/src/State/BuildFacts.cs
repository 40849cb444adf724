using CiMetrics.RunnerExporter.Discovery;

namespace CiMetrics.RunnerExporter.State;

/// <summary>What the engine says of a running build container. A restarted container has the same id and another start.</summary>
/// <param name="Id">The container's full id.</param>
/// <param name="Name">The UUIDs of its name.</param>
/// <param name="Pid">Its first process, as the engine's host numbers it.</param>
/// <param name="StartedAt">When this run of the container began, by the engine's clock.</param>
/// <param name="Paused">Frozen by <c>docker pause</c>.</param>
/// <param name="CpuLimitCores">Cores that it may use; the host's cores where there is no limit; null when neither is known.</param>
/// <param name="MemoryLimitBytes">Bytes that it may use; the host's memory where there is no limit; null when neither is known.</param>
/// <param name="NetworkMode">The engine's network mode, such as <c>bridge</c>, <c>none</c> or <c>host</c>.</param>
internal sealed record BuildFacts(
    string Id,
    BuildName Name,
    int Pid,
    DateTimeOffset StartedAt,
    bool Paused,
    double? CpuLimitCores,
    long? MemoryLimitBytes,
    string NetworkMode)
{
    /// <summary>The engine writes the year 1 where it does not know.</summary>
    public bool IsStartKnown => StartedAt.Year > 1;

    /// <summary>A build that was gone before the engine could be asked about it.</summary>
    public static BuildFacts OfName(string id, BuildName name, DateTimeOffset? startedAt) =>
        new(id, name, Pid: 0, startedAt ?? default, Paused: false, CpuLimitCores: null, MemoryLimitBytes: null, NetworkMode: "");
}
