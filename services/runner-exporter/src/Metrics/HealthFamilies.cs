using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>How well the exporter itself sees.</summary>
internal static class HealthFamilies
{
    public static readonly LabelSchema ReasonLabels = new("reason");
    public static readonly LabelSchema SourceLabels = new("source");
    public static readonly LabelSchema ModeLabels = new("figures", "cgroup", "final_sample");

    public static readonly MetricFamily SampleAge = new(
        "bitbucket_agent_build_sample_age_seconds", "Time since the last good sample of the running build container", MetricType.Gauge, BuildFamilies.Labels);

    public static readonly MetricFamily Reconnects = new(
        "bitbucket_agent_event_stream_reconnects_total", "Times that the Docker engine's event stream was opened again", MetricType.Counter);

    public static readonly MetricFamily Errors = new(
        "bitbucket_agent_errors_total", "Errors of the exporter's sources, by reason", MetricType.Counter, ReasonLabels);

    public static readonly MetricFamily Sampled = new(
        "bitbucket_agent_builds_sampled", "Running builds by where their last sample came from", MetricType.Gauge, SourceLabels);

    public static readonly MetricFamily Mode = new(
        "bitbucket_agent_mode_info", "Where the figures of builds were expected to come from when the exporter started", MetricType.Info, ModeLabels);

    public static readonly IReadOnlyList<MetricFamily> All = [SampleAge, Reconnects, Errors, Sampled, Mode];

    /// <summary>The value of the label.</summary>
    public static string Label(FigureSource source) => source switch
    {
        FigureSource.Cgroup => "cgroup",
        FigureSource.Api => "api",
        _ => "none",
    };

    /// <summary>The value of the label.</summary>
    public static string Label(ErrorReason reason) => reason switch
    {
        ErrorReason.EngineUnreachable => "engine_unreachable",
        ErrorReason.EngineTimeout => "engine_timeout",
        ErrorReason.EngineRefused => "engine_refused",
        ErrorReason.EngineTls => "engine_tls",
        ErrorReason.EngineVersion => "engine_version",
        ErrorReason.EngineError => "engine_error",
        ErrorReason.EngineProtocol => "engine_protocol",
        ErrorReason.EventSkipped => "event_skipped",
        ErrorReason.SampleCgroup => "sample_cgroup",
        ErrorReason.SampleApi => "sample_api",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "has no label"),
    };
}
