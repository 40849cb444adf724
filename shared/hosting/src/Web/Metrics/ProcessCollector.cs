using System.Text;
using CiMetrics.Exposition;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Hosting;

/// <summary>The own process as the kernel sees it, with the names that Prometheus client libraries use.</summary>
internal sealed class ProcessCollector : ICollector
{
    private readonly MetricFamily _cpu;
    private readonly MetricFamily _resident;
    private readonly MetricFamily _virtual;
    private readonly MetricFamily _openFiles;
    private readonly MetricFamily _maxFiles;
    private readonly MetricFamily _start;
    private readonly MetricFamily _threads;
    private readonly string _proc;
    private readonly string _fdFolder;
    private readonly SafeFileHandle _statFile;
    private readonly byte[] _buffer = new byte[4096];
    private readonly double? _startSeconds;
    private readonly double? _fileLimit;

    /// <summary>Makes a collector.</summary>
    /// <param name="prefix">What the names begin with before <c>process_</c>.</param>
    /// <param name="proc">Where the proc file system is mounted.</param>
    public ProcessCollector(string prefix, string proc)
    {
        _proc = proc;
        _fdFolder = Path.Combine(proc, "self", "fd");
        _cpu = new(prefix + "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", MetricType.Counter);
        _resident = new(prefix + "process_resident_memory_bytes", "Resident memory size in bytes.", MetricType.Gauge);
        _virtual = new(prefix + "process_virtual_memory_bytes", "Virtual memory size in bytes.", MetricType.Gauge);
        _openFiles = new(prefix + "process_open_fds", "Number of open file descriptors.", MetricType.Gauge);
        _maxFiles = new(prefix + "process_max_fds", "Maximum number of open file descriptors.", MetricType.Gauge);
        _start = new(prefix + "process_start_time_seconds", "Start time of the process since unix epoch in seconds.", MetricType.Gauge);
        _threads = new(prefix + "process_threads", "Number of threads.", MetricType.Gauge);
        Families = [_cpu, _resident, _virtual, _openFiles, _maxFiles, _start, _threads];

        // Held open: a scrape reads it again from its beginning.
        _statFile = File.OpenHandle(Path.Combine(proc, "self", "stat"));
        // Neither changes while the process lives.
        _startSeconds = ProcessStat.BootTime(File.ReadAllText(Path.Combine(proc, "stat"))) is { } boot
            && ReadStat() is { } stat ? boot + stat.StartSeconds : null;
        _fileLimit = ProcessStat.FileLimit(File.ReadAllText(Path.Combine(proc, "self", "limits")));
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families { get; }

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        var stat = ReadStat()
            ?? throw new InvalidDataException(Path.Combine(_proc, "self/stat") + " is not in the format of proc(5)");
        writer.Write(_cpu, stat.CpuSeconds);
        writer.Write(_resident, stat.ResidentPages * Environment.SystemPageSize);
        writer.Write(_virtual, stat.VirtualBytes);
        writer.Write(_threads, stat.Threads);
        // Without the descriptor that the counting itself opens.
        writer.Write(_openFiles, DirectoryCount.Of(_fdFolder) - 1);
        if (_fileLimit is { } limit)
            writer.Write(_maxFiles, limit);
        if (_startSeconds is { } start)
            writer.Write(_start, start);
    }

    private ProcessStat? ReadStat() =>
        ProcessStat.Parse(Encoding.UTF8.GetString(_buffer, 0, RandomAccess.Read(_statFile, _buffer, 0)));
}
