using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>
/// Samples a container from its cgroup's files and the network counters of its PID 1. The descriptors never keep the
/// container alive: once its cgroup is removed, reading them fails, which is how its end shows.
/// </summary>
internal sealed class CgroupSampler : ISampler
{
    // errno of a read from a removed cgroup or an ended process.
    private const int NoSuchFile = 2, NoSuchProcess = 3, NoSuchDevice = 19;

    private readonly Lock _use = new();
    private readonly CgroupReader _reader = new();
    private readonly CgroupHandles _handles;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private bool _disposed;

    /// <param name="handles">The open files; disposed with the sampler.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="origin">The timestamp that samples count from, the same for all samplers of a container.</param>
    public CgroupSampler(CgroupHandles handles, TimeProvider time, long origin)
    {
        _handles = handles;
        _time = time;
        _origin = origin;
    }

    /// <inheritdoc/>
    public SampleSource Source => SampleSource.CgroupFiles;

    /// <inheritdoc/>
    public ValueTask<SampleOutcome> SampleAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_use) return ValueTask.FromResult(_disposed ? SampleOutcome.Gone("the sampler was disposed") : Sample());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_use)
        {
            _disposed = true;
            _handles.Dispose();
        }
    }

    private SampleOutcome Sample()
    {
        try
        {
            return Read();
        }
        catch (IOException exception) when (exception is FileNotFoundException || exception.HResult is NoSuchFile or NoSuchProcess or NoSuchDevice)
        {
            return SampleOutcome.Gone("the container's cgroup was removed");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return SampleOutcome.Failed($"reading cgroup files: {exception.Message}");
        }
    }

    /// <summary>The account that saw the most: one that is not kept stays at zero. Null where the kernel has none.</summary>
    private BlockBytes? ReadBlock()
    {
        BlockBytes? most = null;
        foreach (SafeFileHandle handle in _handles.Block)
        {
            ReadOnlySpan<byte> text = _reader.Text(handle);
            BlockBytes bytes = _handles.BlockIsV2 ? CgroupFiles.IoStat(text) : CgroupFiles.BlkioServiceBytes(text);
            if (most is not { } other || bytes.Read + bytes.Written > other.Read + other.Written) most = bytes;
        }

        return most;
    }

    private SampleOutcome Read()
    {
        long? cpu = _handles.CpuIsV2 ? CgroupFiles.CpuStat(_reader.Text(_handles.Cpu)) : _reader.Number(_handles.Cpu);
        long read = _time.GetElapsedTime(_origin).Ticks * 100;
        if (cpu is null) return SampleOutcome.Failed("the cgroup's CPU file has an unknown format");
        BlockBytes? block = ReadBlock();
        NetworkBytes? network = _handles.Network is { } file ? CgroupFiles.NetDev(_reader.Text(file)) : _handles.FixedNetwork;
        (long? inactiveFile, long? anonymous) = ReadMemoryStat();
        (long? periods, long? throttled, long? throttledNanoseconds) = ReadQuota();
        return SampleOutcome.Taken(new ContainerSample
        {
            Source = SampleSource.CgroupFiles,
            Time = _time.GetUtcNow(),
            ReadNanoseconds = read,
            CpuUsageNanoseconds = cpu,
            MemoryUsageBytes = _reader.Number(_handles.Memory),
            NetworkReceiveBytes = network?.Received,
            NetworkTransmitBytes = network?.Sent,
            BlockInputBytes = block?.Read,
            BlockOutputBytes = block?.Written,
            Pids = _reader.Number(_handles.Pids),
            PidsLimit = _reader.Number(_handles.PidsLimit),
            CpuPeriods = periods,
            ThrottledPeriods = throttled,
            ThrottledNanoseconds = throttledNanoseconds,
            InactiveFileBytes = inactiveFile,
            AnonymousBytes = anonymous,
            PeakBytes = _reader.Number(_handles.MemoryPeak),
            MemoryFailures = _handles.MemoryIsV2 ? Keyed(_handles.MemoryFailures, "max"u8) : _reader.Number(_handles.MemoryFailures),
            OomKills = Keyed(_handles.OomKills, "oom_kill"u8),
            CpuPressure = Pressure(_handles.CpuPressure),
            MemoryPressure = Pressure(_handles.MemoryPressure),
            BlockPressure = Pressure(_handles.BlockPressure),
        });
    }

    /// <summary>v1 counts nanoseconds, v2 microseconds.</summary>
    private (long? Periods, long? Throttled, long? Nanoseconds) ReadQuota()
    {
        if (_handles.Quota is not { } file) return default;
        ReadOnlySpan<byte> text = _reader.Text(file);
        return (
            CgroupFiles.Keyed(text, "nr_periods"u8),
            CgroupFiles.Keyed(text, "nr_throttled"u8),
            _handles.QuotaIsV2 ? CgroupFiles.Keyed(text, "throttled_usec"u8) * 1000 : CgroupFiles.Keyed(text, "throttled_time"u8));
    }

    /// <summary>The keys of v1 that begin with total_ count the cgroups below it as well, as all keys of v2 do.</summary>
    private (long? InactiveFile, long? Anonymous) ReadMemoryStat()
    {
        if (_handles.MemoryStat is not { } file) return default;
        ReadOnlySpan<byte> text = _reader.Text(file);
        return _handles.MemoryIsV2
            ? (CgroupFiles.Keyed(text, "inactive_file"u8), CgroupFiles.Keyed(text, "anon"u8))
            : (CgroupFiles.Keyed(text, "total_inactive_file"u8), CgroupFiles.Keyed(text, "total_rss"u8));
    }

    private long? Keyed(SafeFileHandle? file, ReadOnlySpan<byte> key) => file is null ? null : CgroupFiles.Keyed(_reader.Text(file), key);

    private Pressure Pressure(SafeFileHandle? file) => file is null ? default : CgroupFiles.Pressure(_reader.Text(file));
}
