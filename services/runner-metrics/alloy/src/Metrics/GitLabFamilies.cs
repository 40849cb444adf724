using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>
/// The names of GitLab Runner. <c>gitlab_runner_jobs_total</c> is not among them: OpenMetrics parsers take it and
/// <c>gitlab_runner_jobs</c> for one name. <c>runner_jobs_started_total</c> has the figure.
/// </summary>
internal static class GitLabFamilies
{
    public static readonly LabelSchema JobLabels = new("runner", "state", "stage", "executor_stage");
    public static readonly LabelSchema RunnerLabels = new("runner");
    public static readonly LabelSchema FailureLabels = new("runner", "failure_reason");
    public static readonly LabelSchema LevelLabels = new("level");
    public static readonly LabelSchema ActionLabels = new("executor", "action");
    public static readonly LabelSchema StateLabels = new("executor", "state");
    public static readonly LabelSchema ExecutorLabels = new("executor");

    public static readonly MetricFamily Jobs = new("gitlab_runner_jobs", "The current number of running builds.", MetricType.Gauge, JobLabels);

    public static readonly MetricFamily FailedJobs = new("gitlab_runner_failed_jobs_total", "Total number of failed jobs", MetricType.Counter, FailureLabels);

    public static readonly MetricFamily Errors = new("gitlab_runner_errors_total", "The number of caught errors.", MetricType.Counter, LevelLabels);

    public static readonly MetricFamily JobSeconds = new("gitlab_runner_job_duration_seconds", "Histogram of job durations", MetricType.Histogram, RunnerLabels);

    public static readonly MetricFamily Concurrent = new("gitlab_runner_concurrent", "The current value of concurrent setting", MetricType.Gauge);

    public static readonly MetricFamily Limit = new("gitlab_runner_limit", "The current value of limit setting", MetricType.Gauge, RunnerLabels);

    public static readonly MetricFamily MachineActions = new(
        "gitlab_runner_autoscaling_actions_total", "The total number of actions executed by the provider.", MetricType.Counter, ActionLabels);

    public static readonly MetricFamily MachineStates = new(
        "gitlab_runner_autoscaling_machine_states", "The current number of machines per state in this provider.", MetricType.Gauge, StateLabels);

    public static readonly MetricFamily MachineCreation = new(
        "gitlab_runner_autoscaling_machine_creation_duration_seconds", "Histogram of machine creation time.", MetricType.Histogram, ExecutorLabels);

    public static readonly IReadOnlyList<MetricFamily> All =
        [Jobs, FailedJobs, Errors, JobSeconds, Concurrent, Limit, MachineActions, MachineStates, MachineCreation];
}
