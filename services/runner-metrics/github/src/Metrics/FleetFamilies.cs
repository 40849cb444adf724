using CiMetrics.Exposition;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>What GitHub tells of all runners, deployments, and how well the exporter itself sees.</summary>
internal static class FleetFamilies
{
    public static readonly LabelSchema DeploymentLabels = new("repository", "environment", "result");
    public static readonly LabelSchema EnvironmentLabels = new("repository", "environment");
    public static readonly LabelSchema WorkloadLabels = new("repository", "workflow", "status");

    public static readonly MetricFamily Queued = new("github_runner_queued_jobs", "Jobs that wait for a runner now; absent without a webhook.", MetricType.Gauge);
    public static readonly MetricFamily QueuedSince = new("github_runner_queued_since_timestamp_seconds", "Since when the first of the waiting jobs waits, in seconds since 1970; absent while none does.", MetricType.Gauge);
    public static readonly MetricFamily WaitsUnknown = new("github_runner_queue_time_unknown_total", "Jobs of which nobody knows how long they waited.", MetricType.Counter);

    public static readonly MetricFamily Deployments = new(
        "github_runner_deployments_total", "Deployment jobs that have ended, by result: a failed job stands for a failed deployment.", MetricType.Counter, DeploymentLabels);

    public static readonly MetricFamily LeadSeconds = new(
        "github_runner_deployment_lead_time_seconds", "Time from a commit to the end of the deployment that brought it out, where the commit's time is known.", MetricType.Histogram, EnvironmentLabels);

    public static readonly MetricFamily RecoverySeconds = new(
        "github_runner_deployment_recovery_seconds", "Time from the first failed deployment to the next one that succeeded.", MetricType.Histogram, EnvironmentLabels);

    public static readonly MetricFamily Workloads = new(
        "github_runner_workload_jobs_total", "Jobs of the observed runners that have ended, by repository and workflow as far as these are asked for.", MetricType.Counter, WorkloadLabels);

    public static readonly MetricFamily Disagreements = new("github_runner_result_disagreements_total", "Jobs that GitHub and the runner's log tell different results of; counted by what was told first.", MetricType.Counter);
    public static readonly MetricFamily Folded = new("github_runner_series_folded_total", "Observations counted under \"other\" because there were too many label values.", MetricType.Counter);
    public static readonly MetricFamily Forgotten = new("github_runner_jobs_forgotten_total", "Jobs forgotten before their time because there were too many: what is told of them later may count again.", MetricType.Counter);
    public static readonly MetricFamily DeliveriesForgotten = new("github_runner_webhook_deliveries_forgotten_total", "Webhook deliveries whose ids were forgotten because there were too many; absent without a webhook.", MetricType.Counter);
    public static readonly MetricFamily Questions = new("github_runner_api_questions", "Jobs and commits that GitHub's API is still to be asked about; absent without a token.", MetricType.Gauge);
    public static readonly MetricFamily CountedTwice = new("github_runner_jobs_counted_twice_total", "Jobs that had been counted before it was known that two sources meant the same.", MetricType.Counter);
    public static readonly MetricFamily HooksRefused = new("github_runner_hook_files_refused_total", "Files in a hook's spool that hold no event, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily CheckpointFailures = new("github_runner_checkpoint_failures_total", "Times that positions and counters could not be kept, since the exporter started.", MetricType.Counter);
    public static readonly MetricFamily CheckpointTime = new("github_runner_checkpoint_timestamp_seconds", "When positions and counters were last kept, in seconds since 1970; absent before.", MetricType.Gauge);

    public static readonly IReadOnlyList<MetricFamily> All =
    [
        Queued, QueuedSince, WaitsUnknown, Deployments, LeadSeconds, RecoverySeconds, Workloads, Disagreements, Folded, Forgotten, DeliveriesForgotten, Questions, CountedTwice, HooksRefused,
        CheckpointFailures, CheckpointTime,
    ];
}
