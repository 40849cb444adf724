namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Where a sample's figures come from. Samples of different sources are not compared with each other.</summary>
internal enum SampleSource
{
    /// <summary>The kernel's cgroup files and <c>/proc/PID/net/dev</c>.</summary>
    CgroupFiles,

    /// <summary>The engine's statistics call.</summary>
    StatsApi,
}

/// <summary>The figures of one container at one moment. Null where the source does not have a figure.</summary>
internal sealed record ContainerSample
{
    public required SampleSource Source { get; init; }

    /// <summary>When the sample was taken, on this program's clock; for the age of a sample.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// When the CPU figure was read, in nanoseconds on a clock of the source's own (monotonic for files, the engine's
    /// clock for the API): only the difference between two samples of one source means something.
    /// </summary>
    public required long ReadNanoseconds { get; init; }

    /// <summary>Cumulative CPU time of all processes so far.</summary>
    public long? CpuUsageNanoseconds { get; init; }

    /// <summary>Page cache included: what the Docker API calls <c>usage</c>.</summary>
    public long? MemoryUsageBytes { get; init; }

    /// <summary>Cumulative, over all interfaces but the loopback.</summary>
    public long? NetworkReceiveBytes { get; init; }

    /// <summary>Cumulative, over all interfaces but the loopback.</summary>
    public long? NetworkTransmitBytes { get; init; }

    /// <summary>Cumulative bytes read from block devices.</summary>
    public long? BlockInputBytes { get; init; }

    /// <summary>Cumulative bytes written to block devices.</summary>
    public long? BlockOutputBytes { get; init; }

    /// <summary>Processes and threads.</summary>
    public long? Pids { get; init; }

    /// <summary>Processes and threads that it may have; null where there is no limit.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>Cumulative periods of the CPU quota, and those of them in which the quota was used up.</summary>
    public long? CpuPeriods { get; init; }

    /// <inheritdoc cref="CpuPeriods"/>
    public long? ThrottledPeriods { get; init; }

    /// <summary>Cumulative time that its threads were held back by the quota.</summary>
    public long? ThrottledNanoseconds { get; init; }

    /// <summary>Page cache that the kernel can drop at once.</summary>
    public long? InactiveFileBytes { get; init; }

    /// <summary>Memory of processes, without page cache.</summary>
    public long? AnonymousBytes { get; init; }

    /// <summary>The most memory in use at any time.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Cumulative times that the memory limit was hit.</summary>
    public long? MemoryFailures { get; init; }

    /// <summary>Processes that the kernel has killed for want of memory.</summary>
    public long? OomKills { get; init; }

    /// <summary>How long its processes waited for a CPU.</summary>
    public Pressure CpuPressure { get; init; }

    /// <summary>How long its processes waited for memory.</summary>
    public Pressure MemoryPressure { get; init; }

    /// <summary>How long its processes waited for block devices.</summary>
    public Pressure BlockPressure { get; init; }

    /// <summary>What cannot be given back without swapping or reading again: the usage without the inactive page cache.</summary>
    public long? WorkingSetBytes => InactiveFileBytes is { } inactive && inactive < MemoryUsageBytes ? MemoryUsageBytes - inactive : MemoryUsageBytes;

    /// <summary>
    /// Cores used on average between two samples: CPU nanoseconds over real nanoseconds. Null when it cannot be told:
    /// no earlier sample, another source, a clock that stood or stepped back, a counter that was reset.
    /// </summary>
    public static double? CpuCores(ContainerSample? earlier, ContainerSample later)
    {
        if (earlier is null || earlier.Source != later.Source) return null;
        long elapsed = later.ReadNanoseconds - earlier.ReadNanoseconds;
        long? used = later.CpuUsageNanoseconds - earlier.CpuUsageNanoseconds;
        return elapsed > 0 && used is >= 0 ? (double)used / elapsed : null;
    }
}
