using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Beyond the users' document: what became of jobs, how busy the runner is, and how it does.</summary>
internal static class JobFamilies
{
    public static readonly LabelSchema RunnerLabels = new("runner");
    public static readonly LabelSchema ResultLabels = new("runner", "result");
    public static readonly LabelSchema StageLabels = new("stage");
    public static readonly LabelSchema LevelLabels = new("level");

    public static readonly MetricFamily Up = new("runner_up", "1 while the runner's process is seen to run, 0 else.", MetricType.Gauge);

    public static readonly MetricFamily Restarts = new("runner_restarts_total", "Times that another process of the runner took the place of the one before.", MetricType.Counter);

    public static readonly MetricFamily Started = new("runner_jobs_started_total", "Jobs that the runner has received.", MetricType.Counter, RunnerLabels);

    public static readonly MetricFamily Finished = new("runner_jobs_finished_total", "Jobs that have ended, by result.", MetricType.Counter, ResultLabels);

    public static readonly MetricFamily JobSeconds = new("runner_job_duration_seconds", "Time from receiving a job to its end.", MetricType.Histogram, RunnerLabels);

    public static readonly MetricFamily StageSeconds = new(
        "runner_job_stage_duration_seconds", "Time that jobs of the shell executor spent in a stage, as exact as processes are looked at often.", MetricType.Histogram, StageLabels);

    public static readonly MetricFamily QueueSeconds = new("runner_job_queue_seconds", "Time that jobs had waited for a runner, where the log says so.", MetricType.Histogram);

    public static readonly MetricFamily LogMessages = new("runner_log_messages_total", "Lines of the runner's log of level warning and above.", MetricType.Counter, LevelLabels);

    public static readonly MetricFamily Concurrency = new("runner_concurrency_limit", "The most jobs at a time that the configuration allows.", MetricType.Gauge);

    public static readonly MetricFamily Saturation = new("runner_concurrency_saturation_ratio", "Running jobs divided by the most that the configuration allows.", MetricType.Gauge);

    public static readonly MetricFamily Limit = new("runner_limit", "The most jobs at a time of this runner; 0: only the common limit.", MetricType.Gauge, RunnerLabels);

    public static readonly MetricFamily RequestConcurrency = new("runner_request_concurrency_limit", "The most requests for jobs at a time of this runner.", MetricType.Gauge, RunnerLabels);

    public static readonly MetricFamily LastContact = new(
        "runner_last_contact_timestamp_seconds", "When the coordinator was last seen to answer, in seconds since 1970; absent before.", MetricType.Gauge);

    public static readonly MetricFamily ContactFailures = new("runner_contact_failures_total", "Times that the coordinator did not answer as it should.", MetricType.Counter);

    public static readonly MetricFamily ConfigOk = new(
        "runner_config_last_reload_successful", "1 when the runner last read its configuration without a mistake, 0 when not; absent before it was seen to.", MetricType.Gauge);

    public static readonly MetricFamily ConfigTime = new(
        "runner_config_last_reload_timestamp_seconds", "When the runner was last seen to read its configuration, in seconds since 1970; absent where the log does not say.", MetricType.Gauge);

    public static readonly IReadOnlyList<MetricFamily> All =
    [
        Up, Restarts, Started, Finished, JobSeconds, StageSeconds, QueueSeconds, LogMessages, Concurrency, Saturation, Limit, RequestConcurrency,
        LastContact, ContactFailures, ConfigOk, ConfigTime,
    ];
}
