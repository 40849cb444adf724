namespace CiMetrics.RunnerExporter.Simulator;

/// <summary>What the kernel counts for one container. Cumulative unless said otherwise.</summary>
public sealed record ContainerFigures
{
    public long CpuNanoseconds { get; init; }

    public long CpuKernelNanoseconds { get; init; }

    public long CpuPeriods { get; init; }

    public long ThrottledPeriods { get; init; }

    public long ThrottledNanoseconds { get; init; }

    /// <summary>Bytes now, page cache included.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Bytes now of page cache that may be reclaimed; not above <see cref="MemoryBytes"/>.</summary>
    public long InactiveFileBytes { get; init; }

    /// <summary>Processes and threads now.</summary>
    public long Pids { get; init; } = 1;

    public long ReceivedBytes { get; init; }

    public long SentBytes { get; init; }

    public long ReadBytes { get; init; }

    public long WrittenBytes { get; init; }
}
