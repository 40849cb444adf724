using CiMetrics.AlloyRunner.Observing;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>The runner's process under the names of the users' document; nothing while it is down, and nothing of what we may not see.</summary>
internal sealed class RunnerProcessCollector(Func<ProcessView> view) : ICollector
{
    public static readonly MetricFamily Cpu = new("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", MetricType.Counter);
    public static readonly MetricFamily MaxFiles = new("process_max_fds", "Maximum number of open file descriptors.", MetricType.Gauge);
    public static readonly MetricFamily OpenFiles = new("process_open_fds", "Number of open file descriptors.", MetricType.Gauge);
    public static readonly MetricFamily Resident = new("process_resident_memory_bytes", "Resident memory size in bytes.", MetricType.Gauge);
    public static readonly MetricFamily Start = new("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", MetricType.Gauge);
    public static readonly MetricFamily Virtual = new("process_virtual_memory_bytes", "Virtual memory size in bytes.", MetricType.Gauge);

    public static readonly IReadOnlyList<MetricFamily> All = [Cpu, MaxFiles, OpenFiles, Resident, Start, Virtual];

    public string Name => "process-of-runner";

    public IReadOnlyList<MetricFamily> Families => All;

    public void Collect(MetricWriter writer)
    {
        if (view().Sample is not { } sample) return;
        writer.Write(Cpu, sample.CpuSeconds);
        if (sample.MaxFiles is { } most) writer.Write(MaxFiles, most);
        if (sample.OpenFiles is { } open) writer.Write(OpenFiles, open);
        writer.Write(Resident, sample.ResidentBytes);
        if (sample.StartTime is { } start) writer.Write(Start, start);
        writer.Write(Virtual, sample.VirtualBytes);
    }
}
