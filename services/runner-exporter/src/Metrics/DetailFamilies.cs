using CiMetrics.Exposition;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>
/// What is shown of each build beyond the users' document. Counters have base names of their own: a gauge's name with
/// <c>_total</c> would be one family of two types in OpenMetrics.
/// </summary>
internal static class DetailFamilies
{
    public static readonly MetricFamily Paused = Gauge("paused", "Whether the build container is paused (1) or not (0)");
    public static readonly MetricFamily StartTime = Gauge("start_time_seconds", "Start of the build container, in seconds since 1970");
    public static readonly MetricFamily FinishTime = Gauge("finish_time_seconds", "End of the build container, in seconds since 1970");
    public static readonly MetricFamily Duration = Gauge("duration_seconds", "Time from the start to the end of the build container");
    public static readonly MetricFamily ExitCode = Gauge("exit_code", "Exit code of the build container's first process");
    public static readonly MetricFamily CpuSeconds = Counter("cpu_seconds_total", "CPU time that the build container has used");
    public static readonly MetricFamily NetworkReceived = Counter("network_received_bytes_total", "Bytes that the build container has received");
    public static readonly MetricFamily NetworkTransmitted = Counter("network_transmitted_bytes_total", "Bytes that the build container has sent");
    public static readonly MetricFamily BlockRead = Counter("block_read_bytes_total", "Bytes that the build container has read from block devices");
    public static readonly MetricFamily BlockWritten = Counter("block_written_bytes_total", "Bytes that the build container has written to block devices");
    public static readonly MetricFamily OomKills = Counter("oom_kills_total", "Processes of the build container killed for want of memory");
    public static readonly MetricFamily CpuPeriods = Counter("cpu_periods_total", "Periods of the build container's CPU quota");
    public static readonly MetricFamily ThrottledPeriods = Counter("cpu_throttled_periods_total", "Periods in which the build container used up its CPU quota");
    public static readonly MetricFamily ThrottledSeconds = Counter("cpu_throttled_seconds_total", "Time that the build container's threads were held back by its CPU quota");
    public static readonly MetricFamily WorkingSet = Gauge("memory_working_set_bytes", "Memory of the build container without inactive page cache");
    public static readonly MetricFamily Anonymous = Gauge("memory_anonymous_bytes", "Memory of the build container's processes, without page cache");
    public static readonly MetricFamily MemoryPeak = Gauge("memory_peak_bytes", "Most memory that the build container has used at any time");
    public static readonly MetricFamily MemoryFailures = Counter("memory_failures_total", "Times that the build container hit its memory limit");
    public static readonly MetricFamily PidsLimit = Gauge("pids_limit", "Processes and threads that the build container may have");
    public static readonly MetricFamily CpuWaiting = Counter("pressure_cpu_waiting_seconds_total", "Time in which at least one process of the build container waited for a CPU");
    public static readonly MetricFamily CpuStalled = Counter("pressure_cpu_stalled_seconds_total", "Time in which all processes of the build container waited for a CPU");
    public static readonly MetricFamily MemoryWaiting = Counter("pressure_memory_waiting_seconds_total", "Time in which at least one process of the build container waited for memory");
    public static readonly MetricFamily MemoryStalled = Counter("pressure_memory_stalled_seconds_total", "Time in which all processes of the build container waited for memory");
    public static readonly MetricFamily IoWaiting = Counter("pressure_io_waiting_seconds_total", "Time in which at least one process of the build container waited for I/O");
    public static readonly MetricFamily IoStalled = Counter("pressure_io_stalled_seconds_total", "Time in which all processes of the build container waited for I/O");

    public static readonly IReadOnlyList<MetricFamily> All =
    [
        Paused, StartTime, FinishTime, Duration, ExitCode, CpuSeconds, NetworkReceived, NetworkTransmitted, BlockRead, BlockWritten,
        OomKills, CpuPeriods, ThrottledPeriods, ThrottledSeconds, WorkingSet, Anonymous, MemoryPeak, MemoryFailures, PidsLimit,
        CpuWaiting, CpuStalled, MemoryWaiting, MemoryStalled, IoWaiting, IoStalled,
    ];

    private static MetricFamily Gauge(string name, string help) => new($"bitbucket_agent_build_{name}", help, MetricType.Gauge, BuildFamilies.Labels);

    private static MetricFamily Counter(string name, string help) => new($"bitbucket_agent_build_{name}", help, MetricType.Counter, BuildFamilies.Labels);
}
