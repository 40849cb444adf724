using CiMetrics.Exposition;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>The seven metrics of the users' document.</summary>
internal static class SpecFamilies
{
    public static readonly LabelSchema RunnerLabels = new("runner_name", "runner_type");
    public static readonly LabelSchema JobLabels = new("runner_name", "runner_type", "status");
    public static readonly LabelSchema QueueLabels = new("runner_name", "runner_type", "source");
    public static readonly LabelSchema CacheLabels = new("runner_name", "runner_type", "cache_type");
    public static readonly LabelSchema InfoLabels = new("runner_name", "runner_type", "version", "type");

    public static readonly MetricFamily Status = new(
        "github_runner_status", "1 while the runner is online: its process runs, listens for jobs and is connected to GitHub; 0 else.", MetricType.Gauge, RunnerLabels);

    public static readonly MetricFamily Jobs = new("github_runner_jobs_total", "Jobs that have ended, by status.", MetricType.Counter, JobLabels);

    public static readonly MetricFamily JobSeconds = new(
        "github_runner_job_duration_seconds", "Time from receiving a job to its end; skipped jobs have none.", MetricType.Histogram, RunnerLabels);

    public static readonly MetricFamily QueueSeconds = new(
        "github_runner_queue_time_seconds", "Time that jobs waited for a runner, by what the beginning is known from: the event that a job was queued, or its creation. Absent where GitHub does not tell of jobs.", MetricType.Histogram, QueueLabels);

    public static readonly MetricFamily Uptime = new("github_runner_uptime_seconds", "Time since the runner's process was started; absent while it does not run.", MetricType.Gauge, RunnerLabels);

    public static readonly MetricFamily HitRate = new(
        "github_runner_cache_hit_rate", "Share of cache restores that found the very key, from 0 to 1, over all that were observed; absent before the first.", MetricType.Gauge, CacheLabels);

    public static readonly MetricFamily Info = new("github_runner_info", "The runner's version and type, as labels; the value is 1.", MetricType.Info, InfoLabels);

    public static readonly IReadOnlyList<MetricFamily> All = [Status, Jobs, JobSeconds, QueueSeconds, Uptime, HitRate, Info];
}
