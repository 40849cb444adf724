using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The open files of one container. What the kernel does not account for it is null.</summary>
internal sealed class CgroupHandles : IDisposable
{
    // Recursive where the kernel has it: a build may make cgroups of its own.
    private static readonly string[] ThrottleFiles = ["blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes"];

    // The I/O schedulers' own accounts; newer kernels keep the throttle's only where a throttle is set.
    private static readonly string[] SchedulerFiles = ["blkio.bfq.io_service_bytes_recursive", "blkio.io_service_bytes_recursive"];

    private CgroupHandles(SafeFileHandle cpu) => Cpu = cpu;

    public SafeFileHandle Cpu { get; }

    public bool CpuIsV2 { get; private init; }

    public SafeFileHandle? Memory { get; private set; }

    public SafeFileHandle? Pids { get; private set; }

    public SafeFileHandle? PidsLimit { get; private set; }

    /// <summary><c>cpu.stat</c>: on v2 the same file as <see cref="Cpu"/>.</summary>
    public SafeFileHandle? Quota { get; private set; }

    public bool QuotaIsV2 { get; private init; }

    public SafeFileHandle? MemoryStat { get; private set; }

    public SafeFileHandle? MemoryPeak { get; private set; }

    /// <summary>v1: the number of failures. v2: <c>memory.events</c>, which has the OOM kills too.</summary>
    public SafeFileHandle? MemoryFailures { get; private set; }

    public SafeFileHandle? OomKills { get; private set; }

    public bool MemoryIsV2 { get; private init; }

    /// <summary>Pressure stall information, which v2 alone has.</summary>
    public SafeFileHandle? CpuPressure { get; private set; }

    /// <inheritdoc cref="CpuPressure"/>
    public SafeFileHandle? MemoryPressure { get; private set; }

    /// <inheritdoc cref="CpuPressure"/>
    public SafeFileHandle? BlockPressure { get; private set; }

    /// <summary>Accounts of the same transfers: v2 has one, v1 that of the throttle and that of the I/O scheduler.</summary>
    public IReadOnlyList<SafeFileHandle> Block { get; private set; } = [];

    public bool BlockIsV2 { get; private init; }

    public SafeFileHandle? Network { get; private set; }

    /// <summary>Used where there is no <see cref="Network"/> to read; null when nothing can be said.</summary>
    public NetworkBytes? FixedNetwork { get; private init; }

    /// <summary>Opens the files, or says in one line why that cannot be done.</summary>
    public static (CgroupHandles? Handles, string Reason) Open(CgroupLocation location, HostPaths paths, int pid, string? networkMode)
    {
        CgroupHandles? handles = null;
        try
        {
            CgroupFolder folder = location.Cpu!;
            if (OpenIn(folder, "cpuacct.usage", "cpu.stat") is not { } cpu) return (null, $"{folder.Path} has no CPU figures");
            handles = new CgroupHandles(cpu)
            {
                CpuIsV2 = folder.IsV2,
                BlockIsV2 = location.Block?.IsV2 == true,
                QuotaIsV2 = location.Quota?.IsV2 == true,
                MemoryIsV2 = location.Memory?.IsV2 == true,
                FixedNetwork = NetworkModes.Fixed(networkMode),
            };
            handles.Memory = OpenIn(location.Memory, "memory.usage_in_bytes", "memory.current");
            handles.MemoryStat = OpenIn(location.Memory, "memory.stat", "memory.stat");
            handles.MemoryPeak = OpenIn(location.Memory, "memory.max_usage_in_bytes", "memory.peak");
            handles.MemoryFailures = OpenIn(location.Memory, "memory.failcnt", "memory.events");
            handles.OomKills = OpenIn(location.Memory, "memory.oom_control", "memory.events");
            handles.Quota = OpenIn(location.Quota, "cpu.stat", "cpu.stat");
            handles.Pids = OpenIn(location.Pids, "pids.current", "pids.current");
            handles.PidsLimit = OpenIn(location.Pids, "pids.max", "pids.max");
            handles.Block = OpenBlock(location.Block);
            handles.CpuPressure = CgroupReader.OpenPressure(location.Pressure, "cpu.pressure");
            handles.MemoryPressure = CgroupReader.OpenPressure(location.Pressure, "memory.pressure");
            handles.BlockPressure = CgroupReader.OpenPressure(location.Pressure, "io.pressure");
            if (NetworkModes.IsOwn(networkMode))
                handles.Network = CgroupReader.OpenIfPresent(string.Create(CultureInfo.InvariantCulture, $"{paths.Proc}/{pid}/net/dev"));
            return (handles, "");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            handles?.Dispose();
            return (null, exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cpu.Dispose();
        Memory?.Dispose();
        MemoryStat?.Dispose();
        MemoryPeak?.Dispose();
        MemoryFailures?.Dispose();
        OomKills?.Dispose();
        Quota?.Dispose();
        Pids?.Dispose();
        PidsLimit?.Dispose();
        CpuPressure?.Dispose();
        MemoryPressure?.Dispose();
        BlockPressure?.Dispose();
        foreach (SafeFileHandle handle in Block) handle.Dispose();
        Network?.Dispose();
    }

    private static SafeFileHandle[] OpenBlock(CgroupFolder? folder)
    {
        string[][] accounts = folder is { IsV2: true } ? [["io.stat"]] : [ThrottleFiles, SchedulerFiles];
        return [.. accounts
            .Select(names => names.Select(name => OpenIn(folder, name, name)).FirstOrDefault(handle => handle is not null))
            .OfType<SafeFileHandle>()];
    }

    private static SafeFileHandle? OpenIn(CgroupFolder? folder, string v1, string v2) =>
        folder is null ? null : CgroupReader.OpenIfPresent(Path.Combine(folder.Path, folder.IsV2 ? v2 : v1));
}
