namespace CiMetrics.Dashboards.Dashboards;

/// <summary>An AlloyCI or GitLab runner: whether it works, what it runs, and its machines.</summary>
internal static class AlloyRunner
{
    public static Dashboard Dashboard { get; } = new("alloy-runner", Uids.AlloyRunner, "AlloyCI Runners", "AlloyCI and GitLab runners, as alloy-runner-metrics shows them.", "runner_up")
    {
        Rows =
        [
            new Row(
                "Now",
                Panel.Stat("Runner", "Whether the runner's process is seen.", "short", "min(runner_up{@})") with { Words = Panel.UpOrDown },
                Panel.Stat("Runner's version", "What the runner's program says of itself.", "short", "max by (name, version) (ci_runner_version_info{@} or gitlab_runner_version_info{@})", "{{version}}") with { TextMode = "name" },
                Panel.Stat("Running jobs", "Now.", "short", Jobs()),
                Panel.Stat("Full", "Running jobs by the number that may run.", "percentunit", "max(runner_concurrency_saturation_ratio{@})") with { Levels = Panel.FullIsBad },
                Panel.Stat("Success", "Of the jobs that ended in the time shown, cancelled ones left out.", "percentunit",
                    """(sum(increase(runner_jobs_finished_total{@, result="success"}[$__range])) or 0 * sum(increase(runner_jobs_finished_total{@, result!="canceled"}[$__range]))) / (sum(increase(runner_jobs_finished_total{@, result!="canceled"}[$__range])) > 0)""") with { Levels = Panel.MoreIsBetter },
                Panel.Stat("System failures", "Jobs of the time shown that failed because of the runner and not of their script.", "short", """sum(increase(runner_jobs_finished_total{@, result="runner_system_failure"}[$__range])) or 0 * sum(increase(runner_jobs_finished_total{@}[$__range]))""") with { Levels = Panel.NoneIsGood }),
            new Row(
                "Jobs",
                Panel.Stack("Running jobs by stage", "Stages are seen of the executors shell and docker; those of others are unknown.", "short", new Query(Jobs("stage, state"), "{{stage}} {{state}}")),
                Panel.Lines("Running jobs and their limit", "At the limit jobs wait with the coordinator.", "short", new Query(Jobs(), "running"), new Query("sum(runner_concurrency_limit{@})", "limit")),
                Panel.Stack("Jobs that end, per hour", "By result.", "suffix: /h", new Query("3600 * sum by (result) (rate(runner_jobs_finished_total{@}[$__rate_interval]))", "{{result}}")),
                Panel.Lines("Jobs that start, per hour", "By runner (the part of its token that its log shows).", "suffix: /h", new Query("3600 * sum by (runner) (rate(runner_jobs_started_total{@}[$__rate_interval]))", "{{runner}}")),
                Panel.Lines("Duration of jobs", "From reception to end.", "s", Quantile(0.5, "median"), Quantile(0.95, "95th percentile"),
                    new Query("sum(rate(runner_job_duration_seconds_sum{@}[$__rate_interval])) / (sum(rate(runner_job_duration_seconds_count{@}[$__rate_interval])) > 0)", "average")) with { Width = 8 },
                Panel.Lines("Time in the queue", "95th percentile, where the runner's log says it (GitLab Runner).", "s", new Query("histogram_quantile(0.95, sum by (le) (rate(runner_job_queue_seconds_bucket{@}[$__rate_interval])))", "95th percentile")) with { Width = 8 },
                Panel.Lines("Duration of stages", "Average, of the executors shell and docker.", "s",
                    new Query("sum by (stage) (rate(runner_job_stage_duration_seconds_sum{@}[$__rate_interval])) / (sum by (stage) (rate(runner_job_stage_duration_seconds_count{@}[$__rate_interval])) > 0)", "{{stage}}")) with { Width = 8 }),
            new Row(
                "Machines",
                Panel.Stack("Docker machines by state", "Of the executors docker+machine and docker-ssh+machine.", "short",
                    new Query(Machines("ci_docker_machines_provider", "state"), "{{state}}"), new Query(Machines("ci_ssh_docker_machines_provider", "state"), "{{state}} (ssh)")),
                Panel.Lines("Machines created, used and removed, per hour", "Far more used than created: machines are used again.", "suffix: /h",
                    new Query("3600 * sum by (type) (rate(ci_docker_machines{@}[$__rate_interval]))", "{{type}}"), new Query("3600 * sum by (type) (rate(ci_ssh_docker_machines{@}[$__rate_interval]))", "{{type}} (ssh)"))),
            new Row(
                "The runner's process",
                Panel.Lines("CPU", "Cores that the runner itself uses; jobs are not in it.", "short", new Query($"sum by (instance) ({OfRunner("rate(process_cpu_seconds_total{@}[$__rate_interval])")})", "{{instance}}")) with { Width = 8 },
                Panel.Lines("Memory", "Resident memory of the runner's process.", "bytes", new Query($"max by (instance) ({OfRunner("process_resident_memory_bytes{@}")})", "{{instance}}")) with { Width = 8 },
                Panel.Lines("Open files", "By its limit: at 1 the runner can take no job.", "percentunit", new Query($"max by (instance) ({OfRunner("process_open_fds{@} / process_max_fds{@}")})", "{{instance}}")) with { Width = 8 },
                Panel.Stat("Up since", "Start of the runner's process.", "dateTimeAsIso", $"1000 * max by (instance) ({OfRunner("process_start_time_seconds{@}")})", "{{instance}}") with { Width = 6 },
                Panel.Stat("Restarts", "In the time shown.", "short", "sum(increase(runner_restarts_total{@}[$__range]))") with { Width = 6 },
                Panel.Stat("Coordinator last answered", "As far as the log shows it: polls without a job do not stand in it.", "s", "time() - max(runner_last_contact_timestamp_seconds{@})") with { Width = 6 },
                Panel.Stat("Configuration", "Whether the runner last read its configuration without a mistake.", "short", "min(runner_config_last_reload_successful{@})") with { Width = 6, Words = [(0, "refused", "red"), (1, "good", "green")] }),
            new Row(
                "Log",
                Panel.Lines("Messages", "Lines by level.", "cps", new Query("sum by (level) (rate(runner_log_messages_total{@}[$__rate_interval]))", "{{level}}")) with { Width = 8 },
                Panel.Lines("Failures to reach the coordinator", "Answers of the coordinator that were none.", "cps", new Query("sum by (instance) (rate(runner_contact_failures_total{@}[$__rate_interval]))", "{{instance}}")) with { Width = 8 },
                Panel.Lines("Not read yet", "Bytes of the log behind which the figures are.", "bytes", new Query("max by (instance) (runner_log_lag_bytes{@})", "{{instance}}")) with { Width = 8 },
                Panel.Stat("Log", "Whether the log can be read; without it there are no counters.", "short", "min by (source) (runner_log_up{@})", "{{source}}") with { Width = 8, Words = Panel.UpOrDown },
                Panel.Stat("Gaps", "Times in which lines of the log were lost, in the time shown: totals are too low.", "short", "sum(increase(runner_log_gaps_total{@}[$__range]))") with { Width = 8, Levels = Panel.NoneIsGood },
                Panel.Stat("Lines not understood", "In the time shown.", "short", "sum(increase(runner_log_lines_unparsed_total{@}[$__range]))") with { Width = 8 }),
            AboutService.Row(".*alloy-runner-metrics.*", ["runner_up"], "exporter_process"),
        ],
    };

    /// <summary>Running jobs. The profiles for AlloyCI and for GitLab have different names for them; an instance that has both, by its relay, counts once.</summary>
    public static string Jobs(string by = "")
    {
        string all = by.Length == 0 ? "job, instance" : $"job, instance, {by}";
        string sum = by.Length == 0 ? "sum" : $"sum by ({by})";
        return $$"""{{sum}} (sum by ({{all}}) (ci_runner_builds{@}) or sum by ({{all}}) (gitlab_runner_jobs{@} unless on (job, instance) ci_runner_builds{@}))""";
    }

    // Every Go program that Prometheus scrapes has metrics of these names.
    private static string OfRunner(string series) => $$"""{{series}} and on (job, instance) runner_up{@}""";

    private static string Machines(string metric, string label) => $$"""sum by ({{label}}) ({{metric}}{@})""";

    private static Query Quantile(double quantile, string legend) => new($$"""histogram_quantile({{quantile}}, sum by (le) (rate(runner_job_duration_seconds_bucket{@}[$__rate_interval])))""", legend);
}
