namespace CiMetrics.RunnerExporter.Docker;

/// <summary>What is used of <c>GET /containers/{id}/stats</c>, in the engine's own shape. Every part may be absent.</summary>
internal sealed record DockerStats
{
    /// <summary>When the engine read the figures; the year 1 when the container does not run.</summary>
    public DateTimeOffset? Read { get; init; }

    public DockerCpuStats? CpuStats { get; init; }

    public DockerMemoryStats? MemoryStats { get; init; }

    /// <summary>By interface; absent for the network modes host and none.</summary>
    public Dictionary<string, DockerNetworkStats>? Networks { get; init; }

    public DockerBlockStats? BlkioStats { get; init; }

    public DockerPidsStats? PidsStats { get; init; }
}

internal sealed record DockerCpuStats
{
    public DockerCpuUsage? CpuUsage { get; init; }

    public DockerThrottling? ThrottlingData { get; init; }
}

internal sealed record DockerThrottling
{
    public ulong? Periods { get; init; }

    public ulong? ThrottledPeriods { get; init; }

    /// <summary>Cumulative nanoseconds.</summary>
    public ulong? ThrottledTime { get; init; }
}

internal sealed record DockerCpuUsage
{
    /// <summary>Cumulative nanoseconds.</summary>
    public ulong? TotalUsage { get; init; }
}

internal sealed record DockerMemoryStats
{
    /// <summary>Bytes, page cache included.</summary>
    public ulong? Usage { get; init; }

    /// <summary>Bytes; cgroup v1 only.</summary>
    public ulong? MaxUsage { get; init; }

    /// <summary>cgroup v1 only.</summary>
    public ulong? Failcnt { get; init; }

    /// <summary>The kernel's <c>memory.stat</c>, whose keys differ between cgroup v1 and v2.</summary>
    public Dictionary<string, ulong>? Stats { get; init; }
}

internal sealed record DockerNetworkStats
{
    public ulong? RxBytes { get; init; }

    public ulong? TxBytes { get; init; }
}

internal sealed record DockerBlockStats
{
    public DockerBlockEntry[]? IoServiceBytesRecursive { get; init; }
}

internal sealed record DockerBlockEntry
{
    /// <summary><c>Read Write Sync Async Discard Total</c> on cgroup v1, <c>read write</c> on v2.</summary>
    public string? Op { get; init; }

    /// <summary>Cumulative bytes.</summary>
    public ulong? Value { get; init; }
}

internal sealed record DockerPidsStats
{
    public ulong? Current { get; init; }

    /// <summary>0, 2^64-1 or absent when there is none.</summary>
    public ulong? Limit { get; init; }
}
