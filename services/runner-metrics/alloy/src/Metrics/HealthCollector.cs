using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Following;
using CiMetrics.AlloyRunner.Observing;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Docker;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>How well the exporter itself sees.</summary>
internal sealed class HealthCollector(Func<RunnerSnapshot> snapshot, LogStatus log, ContainerHealth containers, Func<ConfigWatch.View> config) : ICollector
{
    private static readonly LabelSchema SourceLabels = new("source");
    private static readonly LabelSchema DirectionLabels = new("direction");
    private static readonly LabelSchema ReasonLabels = new("reason");

    public static readonly MetricFamily LogUp = new("runner_log_up", "1 while the runner's log can be read, 0 else, by where it comes from.", MetricType.Gauge, SourceLabels);
    public static readonly MetricFamily Bytes = new("runner_log_bytes_total", "Bytes of the log read since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily Lines = new("runner_log_lines_total", "Lines of the log read since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily Unparsed = new("runner_log_lines_unparsed_total", "Lines in no format of the runner's, or without what such a line always has.", MetricType.Counter);
    public static readonly MetricFamily Cut = new("runner_log_lines_cut_total", "Lines so long that their middle was not looked at, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily Rotations = new("runner_log_rotations_total", "Times that another file took the log's name, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily Truncations = new("runner_log_truncations_total", "Times that the log was emptied, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily Gaps = new("runner_log_gaps_total", "Times that the log could not be gone on with where it was left: lines were lost.", MetricType.Counter);
    public static readonly MetricFamily Lag = new("runner_log_lag_bytes", "Bytes of the log that were not read yet.", MetricType.Gauge);
    public static readonly MetricFamily CheckpointFailures = new("runner_checkpoint_failures_total", "Times that position and counters could not be kept, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily CheckpointTime = new("runner_checkpoint_timestamp_seconds", "When position and counters were last kept, in seconds since 1970; absent before.", MetricType.Gauge);
    public static readonly MetricFamily Reconciled = new("runner_builds_reconciled_total", "Jobs by which our count was corrected to the runner's own.", MetricType.Counter, DirectionLabels);
    public static readonly MetricFamily Folded = new("runner_runners_folded_total", "Jobs counted under runner=\"other\" because there were more than 100 runners.", MetricType.Counter);
    public static readonly MetricFamily ConfigReadable = new("runner_config_readable", "1 when the exporter could last read the runner's configuration, 0 else.", MetricType.Gauge);

    public static readonly MetricFamily DockerUp = new("runner_docker_up", "1 while the containers of jobs are watched, 0 else; absent where no runner has a docker executor.", MetricType.Gauge);
    public static readonly MetricFamily DockerFailures = new("runner_docker_failures_total", "Times that the Docker engine could not be watched or was lost, since the exporter started.", MetricType.Counter, ReasonLabels);

    public static readonly IReadOnlyList<MetricFamily> All =
        [LogUp, Bytes, Lines, Unparsed, Cut, Rotations, Truncations, Gaps, Lag, CheckpointFailures, CheckpointTime, Reconciled, Folded, ConfigReadable, DockerUp, DockerFailures];

    private static readonly (DockerFailureKind Kind, LabelSet Labels)[] Reasons = [.. ContainerHealth.Reasons.Where(kind => kind != DockerFailureKind.NotFound).Select(kind => (kind, ReasonLabels.WithValues(Label(kind))))];
    private static readonly LabelSet Missing = DirectionLabels.WithValues("missing");
    private static readonly LabelSet Surplus = DirectionLabels.WithValues("surplus");

    public string Name => "health";

    public IReadOnlyList<MetricFamily> Families => All;

    public void Collect(MetricWriter writer)
    {
        RunnerSnapshot now = snapshot();
        LogHealth health = log.Health;
        writer.Write(LogUp, SourceLabels.WithValues(health.Source), health.IsUp ? 1L : 0L);
        writer.Write(Bytes, health.Bytes);
        writer.Write(Lines, health.Lines);
        writer.Write(Unparsed, now.UnparsedLines);
        writer.Write(Cut, health.CutLines);
        writer.Write(Rotations, health.Rotations);
        writer.Write(Truncations, health.Truncations);
        writer.Write(Gaps, health.Gaps);
        writer.Write(Lag, health.Lag);
        writer.Write(CheckpointFailures, health.CheckpointFailures);
        if (health.CheckpointAt is { } kept) writer.Write(CheckpointTime, kept.ToUnixTimeMilliseconds() / 1000d);
        writer.Write(Reconciled, Missing, now.ReconciledMissing);
        writer.Write(Reconciled, Surplus, now.ReconciledSurplus);
        writer.Write(Folded, now.FoldedRunners);
        writer.Write(ConfigReadable, config().IsReadable ? 1L : 0L);
        if (!containers.IsWanted) return;
        writer.Write(DockerUp, containers.IsUp ? 1L : 0L);
        foreach ((DockerFailureKind kind, LabelSet labels) in Reasons) writer.Write(DockerFailures, labels, containers.Failures(kind));
    }

    private static string Label(DockerFailureKind kind) => kind switch
    {
        DockerFailureKind.Unreachable => "unreachable",
        DockerFailureKind.Timeout => "timeout",
        DockerFailureKind.Refused => "refused",
        DockerFailureKind.Tls => "tls",
        DockerFailureKind.VersionMismatch => "version",
        DockerFailureKind.EngineError => "error",
        DockerFailureKind.Protocol => "protocol",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no label"),
    };
}
