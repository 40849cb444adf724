using CiMetrics.Exposition;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Every metric of this service: names, types, HELP texts and labels. The first ten are the users' document, to the letter.</summary>
internal static class BuildFamilies
{
    public static readonly LabelSchema Labels = new("runner_uuid", "pipeline_uuid");

    public static readonly MetricFamily Status = Gauge("status", "Status of the build container (1 if running, 0 if not)");
    public static readonly MetricFamily CpuUsage = Gauge("cpu_usage_cores", "CPU usage in cores for build container");
    public static readonly MetricFamily CpuLimit = Gauge("cpu_limit_cores", "CPU limit in cores for build container");
    public static readonly MetricFamily MemoryUsage = Gauge("memory_usage", "Memory usage in bytes for build container");
    public static readonly MetricFamily MemoryLimit = Gauge("memory_limit", "Memory limit in bytes for build container");
    public static readonly MetricFamily NetworkReceive = Gauge("network_receive_bytes", "Network receive bytes for build container");
    public static readonly MetricFamily NetworkTransmit = Gauge("network_transmit_bytes", "Network transmit bytes for build container");
    public static readonly MetricFamily BlockInput = Gauge("block_input_bytes", "Block input bytes for build container");
    public static readonly MetricFamily BlockOutput = Gauge("block_output_bytes", "Block output bytes for build container");
    public static readonly MetricFamily Pids = Gauge("pids", "Number of active PIDs in build container");

    public static readonly MetricFamily EngineUp = new(
        "bitbucket_agent_docker_up", "Whether the Docker engine answers (1) or not (0)", MetricType.Gauge);

    public static readonly MetricFamily Started = new(
        "bitbucket_agent_builds_started_total", "Builds seen since the exporter started, however short", MetricType.Counter);

    public static readonly MetricFamily Dropped = new(
        "bitbucket_agent_builds_dropped_total", "Builds not exported because more than 1000 ran at once", MetricType.Counter);

    public static readonly IReadOnlyList<MetricFamily> All =
    [
        Status, CpuUsage, CpuLimit, MemoryUsage, MemoryLimit, NetworkReceive, NetworkTransmit, BlockInput, BlockOutput, Pids,
        EngineUp, Started, Dropped,
    ];

    private static MetricFamily Gauge(string name, string help) => new($"bitbucket_agent_build_{name}", help, MetricType.Gauge, Labels);
}
