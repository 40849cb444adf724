using CiMetrics.Exposition;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>Beyond the users' document: what a runner does now, and what its figures are made of.</summary>
internal static class RunnerFamilies
{
    public static readonly LabelSchema RestoreLabels = new("runner_name", "runner_type", "cache_type", "result");
    public static readonly LabelSchema EventLabels = new("runner_name", "runner_type", "event");

    public static readonly MetricFamily ProcessUp = Gauge("github_runner_process_up", "1 while the runner's process is seen to run, 0 else.");
    public static readonly MetricFamily Listening = Gauge("github_runner_listening", "1 once the runner has said that it listens for jobs since its last start, 0 before; absent where its log does not say.");
    public static readonly MetricFamily Connected = Gauge("github_runner_connected", "0 from an error of the connection to GitHub until it is there again, 1 else; absent where the log does not say.");
    public static readonly MetricFamily Busy = Gauge("github_runner_busy", "1 while the runner has a job, 0 else.");
    public static readonly MetricFamily JobStart = Gauge("github_runner_job_start_timestamp_seconds", "When the runner's present job began, in seconds since 1970; absent while there is none.");
    public static readonly MetricFamily Starts = Counter("github_runner_starts_total", "Times that the runner has started.");
    public static readonly MetricFamily ConnectErrors = Counter("github_runner_connect_errors_total", "Times that the connection to GitHub was lost.");
    public static readonly MetricFamily WithoutDuration = Counter("github_runner_jobs_without_duration_total", "Ended jobs that are in no duration histogram because their beginning or end is not known.");
    public static readonly MetricFamily HookEvents = new("github_runner_hook_events_total", "Events of the runner's job hooks.", MetricType.Counter, EventLabels);

    public static readonly MetricFamily Restores = new(
        "github_runner_cache_restores_total", "Looks of steps for a cache: hit (the very key), partial (an older entry) or miss.", MetricType.Counter, RestoreLabels);

    public static readonly MetricFamily LogUp = Gauge("github_runner_log_up", "1 while the runner's diagnostic logs can be read, 0 else.");
    public static readonly MetricFamily LogBytes = Counter("github_runner_log_bytes_total", "Bytes of the diagnostic logs read since the exporter started.");
    public static readonly MetricFamily LogLines = Counter("github_runner_log_lines_total", "Lines of the diagnostic logs read since the exporter started.");
    public static readonly MetricFamily LogCut = Counter("github_runner_log_lines_cut_total", "Lines so long that their middle was not looked at, since the exporter started.");
    public static readonly MetricFamily LogGaps = Counter("github_runner_log_gaps_total", "Times that a log could not be gone on with where it was left: lines were lost.");

    public static readonly IReadOnlyList<MetricFamily> All =
    [
        ProcessUp, Listening, Connected, Busy, JobStart, Starts, ConnectErrors, WithoutDuration, HookEvents, Restores, LogUp, LogBytes, LogLines, LogCut, LogGaps,
    ];

    private static MetricFamily Gauge(string name, string help) => new(name, help, MetricType.Gauge, SpecFamilies.RunnerLabels);

    private static MetricFamily Counter(string name, string help) => new(name, help, MetricType.Counter, SpecFamilies.RunnerLabels);
}
