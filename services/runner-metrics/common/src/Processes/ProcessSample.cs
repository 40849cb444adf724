namespace CiMetrics.RunnerMetrics.Processes;

/// <summary>A process at one moment.</summary>
public sealed record ProcessSample
{
    /// <summary>Which process.</summary>
    public required ProcessId Id { get; init; }

    /// <summary>When it began, in seconds since 1970; null where the machine's start is not known.</summary>
    public double? StartTime { get; init; }

    /// <summary>User and system time, in seconds.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>Memory that it holds, in bytes.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Its address space, in bytes.</summary>
    public long VirtualBytes { get; init; }

    /// <summary>Its threads.</summary>
    public long Threads { get; init; }

    /// <summary>Open descriptors; null where only its owner and root may know.</summary>
    public long? OpenFiles { get; init; }

    /// <summary>How many may be open; infinite without a limit; null where it is not said.</summary>
    public double? MaxFiles { get; init; }

    /// <summary>Takes a sample; null when the process has ended.</summary>
    /// <param name="proc">Where to ask.</param>
    /// <param name="pid">Which process.</param>
    public static ProcessSample? Take(ProcFolder proc, int pid)
    {
        ArgumentNullException.ThrowIfNull(proc);
        // A zombie has ended: it uses nothing, and does nothing any more.
        return proc.Stat(pid) is not { State: not ('Z' or 'X') } stat ? null : new ProcessSample
        {
            Id = new ProcessId(pid, stat.StartSeconds),
            StartTime = proc.BootTime + stat.StartSeconds,
            CpuSeconds = stat.CpuSeconds,
            ResidentBytes = stat.ResidentPages * Environment.SystemPageSize,
            VirtualBytes = stat.VirtualBytes,
            Threads = stat.Threads,
            OpenFiles = proc.OpenFiles(pid),
            MaxFiles = proc.FileLimit(pid),
        };
    }
}
