using CiMetrics.Exposition;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>What the builds of a runner add up to: a handful of series that stay while builds come and go.</summary>
internal static class RunnerFamilies
{
    public static readonly LabelSchema Labels = new("runner_uuid");
    public static readonly LabelSchema ResultLabels = new("runner_uuid", "result");

    /// <summary>Seconds: from a step that only checks something out to one that runs for the two hours that Bitbucket allows by default.</summary>
    public static readonly BucketBounds DurationBounds = new(5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200);

    public static readonly MetricFamily Finished = new(
        "bitbucket_agent_runner_builds_finished_total", "Builds of the runner that have ended, by result", MetricType.Counter, ResultLabels);

    public static readonly MetricFamily Duration = new(
        "bitbucket_agent_runner_build_duration_seconds", "Time from start to end of the runner's builds that have ended", MetricType.Histogram, Labels);

    public static readonly MetricFamily CpuSeconds = new(
        "bitbucket_agent_runner_cpu_seconds_total", "CPU time that the runner's builds have used since the exporter started", MetricType.Counter, Labels);

    public static readonly MetricFamily OomKills = new(
        "bitbucket_agent_runner_oom_kills_total", "Processes of the runner's builds killed for want of memory since the exporter started", MetricType.Counter, Labels);

    public static readonly MetricFamily Folded = new(
        "bitbucket_agent_runner_builds_folded_total", "Builds counted under runner_uuid=\"other\" because there were more than 100 runners", MetricType.Counter);

    public static readonly IReadOnlyList<MetricFamily> All = [Finished, Duration, CpuSeconds, OomKills, Folded];
}
