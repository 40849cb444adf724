using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>The names of later AlloyCI runners.</summary>
internal static class AlloyFamilies
{
    public static readonly LabelSchema BuildLabels = new("runner", "state", "stage", "executor_stage");
    public static readonly LabelSchema FailureLabels = new("runner", "failure_reason");
    public static readonly LabelSchema LevelLabels = new("level");
    public static readonly LabelSchema ActionLabels = new("action");
    public static readonly LabelSchema StateLabels = new("state");

    public static readonly MetricFamily Builds = new("ci_runner_builds", "The current number of running builds.", MetricType.Gauge, BuildLabels);

    public static readonly MetricFamily FailedJobs = new("ci_runner_failed_jobs_total", "Total number of failed jobs", MetricType.Counter, FailureLabels);

    public static readonly MetricFamily Errors = new("ci_runner_errors", "The number of caught errors.", MetricType.Counter, LevelLabels);

    public static readonly MachineFamilies Docker = MachineFamilies.Of("ci_docker_machines_provider");

    public static readonly MachineFamilies Ssh = MachineFamilies.Of("ci_ssh_docker_machines_provider");

    public static readonly IReadOnlyList<MetricFamily> All = [Builds, FailedJobs, Errors, .. Docker.All, .. Ssh.All];

    /// <summary>What one machine executor exports.</summary>
    internal sealed record MachineFamilies(MetricFamily Actions, MetricFamily States, MetricFamily Creation)
    {
        public IEnumerable<MetricFamily> All => [Actions, States, Creation];

        public static MachineFamilies Of(string prefix) => new(
            new MetricFamily(prefix + "_actions_total", "The total number of actions executed by the provider.", MetricType.Counter, ActionLabels),
            new MetricFamily(prefix + "_machine_states", "The current number of machines per state in this provider.", MetricType.Gauge, StateLabels),
            new MetricFamily(prefix + "_machine_creation_duration_seconds", "Histogram of machine creation time.", MetricType.Histogram));
    }
}
