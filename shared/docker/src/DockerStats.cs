namespace CiMetrics.Docker;

/// <summary>What is used of <c>GET /containers/{id}/stats</c>, in the engine's own shape. Every part may be absent.</summary>
public sealed record DockerStats
{
    /// <summary>When the engine read the figures; the year 1 when the container does not run.</summary>
    public DateTimeOffset? Read { get; init; }

    /// <summary>CPU time.</summary>
    public DockerCpuStats? CpuStats { get; init; }

    /// <summary>Memory.</summary>
    public DockerMemoryStats? MemoryStats { get; init; }

    /// <summary>By interface; absent for the network modes host and none.</summary>
    public IReadOnlyDictionary<string, DockerNetworkStats>? Networks { get; init; }

    /// <summary>Block devices.</summary>
    public DockerBlockStats? BlkioStats { get; init; }

    /// <summary>Processes and threads.</summary>
    public DockerPidsStats? PidsStats { get; init; }
}

/// <summary>CPU time of a container.</summary>
public sealed record DockerCpuStats
{
    /// <summary>What was used.</summary>
    public DockerCpuUsage? CpuUsage { get; init; }

    /// <summary>What its quota held back.</summary>
    public DockerThrottling? ThrottlingData { get; init; }
}

/// <summary>How often a container's quota was used up.</summary>
public sealed record DockerThrottling
{
    /// <summary>Cumulative periods in which it wanted to run.</summary>
    public ulong? Periods { get; init; }

    /// <summary>Those of them in which it was held back.</summary>
    public ulong? ThrottledPeriods { get; init; }

    /// <summary>Cumulative nanoseconds.</summary>
    public ulong? ThrottledTime { get; init; }
}

/// <summary>CPU time that was used.</summary>
public sealed record DockerCpuUsage
{
    /// <summary>Cumulative nanoseconds.</summary>
    public ulong? TotalUsage { get; init; }
}

/// <summary>Memory of a container.</summary>
public sealed record DockerMemoryStats
{
    /// <summary>Bytes, page cache included.</summary>
    public ulong? Usage { get; init; }

    /// <summary>Bytes; cgroup v1 only.</summary>
    public ulong? MaxUsage { get; init; }

    /// <summary>cgroup v1 only.</summary>
    public ulong? Failcnt { get; init; }

    /// <summary>The kernel's <c>memory.stat</c>, whose keys differ between cgroup v1 and v2.</summary>
    public IReadOnlyDictionary<string, ulong>? Stats { get; init; }
}

/// <summary>One interface of a container.</summary>
public sealed record DockerNetworkStats
{
    /// <summary>Cumulative bytes received.</summary>
    public ulong? RxBytes { get; init; }

    /// <summary>Cumulative bytes sent.</summary>
    public ulong? TxBytes { get; init; }
}

/// <summary>Block devices of a container.</summary>
public sealed record DockerBlockStats
{
    /// <summary>Bytes by device and operation.</summary>
    public DockerBlockEntry[]? IoServiceBytesRecursive { get; init; }
}

/// <summary>One operation on one device.</summary>
public sealed record DockerBlockEntry
{
    /// <summary><c>Read Write Sync Async Discard Total</c> on cgroup v1, <c>read write</c> on v2.</summary>
    public string? Op { get; init; }

    /// <summary>Cumulative bytes.</summary>
    public ulong? Value { get; init; }
}

/// <summary>Processes and threads of a container.</summary>
public sealed record DockerPidsStats
{
    /// <summary>Those that there are.</summary>
    public ulong? Current { get; init; }

    /// <summary>0, 2^64-1 or absent when there is none.</summary>
    public ulong? Limit { get; init; }
}
