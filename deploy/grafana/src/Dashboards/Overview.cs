namespace CiMetrics.Dashboards.Dashboards;

/// <summary>All services at a glance; a click on a figure opens the service's own dashboard.</summary>
internal static class Overview
{
    public static Dashboard Dashboard { get; } = new("overview", Uids.Overview, "CI Runner Metrics", "All services that watch CI runners and jobs.", "exporter_build_info")
    {
        Rows =
        [
            new Row(
                "Services",
                Panel.Stat("Services that answer", "Instances that Prometheus can scrape.", "short", $"sum({Targets})"),
                Panel.Stat("Services that do not", "Instances that Prometheus cannot scrape: nothing is known of what they watch.", "short", $"count({Targets}) - sum({Targets})") with { Levels = Panel.NoneIsGood },
                Panel.Table("Instances", "Every instance with its state and what it uses.",
                    new Query($"max by (job, instance) ({Targets})", "Up"),
                    new Query($"max by (job, instance) ({OfTargets("scrape_duration_seconds{@}")})", "Scrape takes", "s"),
                    new Query($"max by (job, instance) ({OfTargets("scrape_samples_scraped{@}")})", "Samples"),
                    new Query("max by (job, instance) (exporter_process_resident_memory_bytes{@}) or max by (job, instance) (process_resident_memory_bytes{@} and on (job, instance) exporter_build_info{@})", "Memory", "bytes")) with { Width = 16, Height = 8 }),
            new Row(
                "Bitbucket runners",
                Of(Uids.RunnerExporter, "Docker engines", "Hosts whose Docker engine answers.", "short", "sum(bitbucket_agent_docker_up{@})"),
                Of(Uids.RunnerExporter, "Running builds", "Build containers that run now.", "short", "sum(bitbucket_agent_build_status{@})"),
                Of(Uids.RunnerExporter, "Builds that ended", "In the time shown.", "short", "sum(increase(bitbucket_agent_runner_builds_finished_total{@}[$__range]))"),
                Of(Uids.RunnerExporter, "Builds killed for memory", "Processes that the kernel killed, in the time shown.", "short", "sum(increase(bitbucket_agent_runner_oom_kills_total{@}[$__range]))") with { Levels = Panel.NoneIsGood }),
            new Row(
                "Spacelift",
                Of(Uids.Spacelift, "Spacelift answers", "1 when Spacelift answered the last scrape.", "short", "min(spacelift_up{@})") with { Words = Panel.UpOrDown },
                Of(Uids.Spacelift, "Runs that wait", "For a worker, of the public pool and private ones.", "short", 
                    // An account without private pools has 0 runs in them; one that did not say so has none that are known.
                    """sum(spacelift_public_worker_pool_runs_pending{@}) + (sum(spacelift_worker_pool_runs_pending{@}) or 0 * max(spacelift_collector_success{@, collector="worker_pools"} == 1))"""),
                Of(Uids.Spacelift, "Failed stacks", "Stacks whose last run failed.", "short", """sum(spacelift_current_stacks_count_by_state{@, state="FAILED"}) or 0 * sum(spacelift_current_stacks_count_by_state{@})""") with { Levels = Panel.NoneIsGood },
                Of(Uids.Spacelift, "Resources that drifted", "Resources that are not as their stack says.", "short", """sum(spacelift_current_resources_count_by_drift{@, state="DRIFTED"}) or 0 * sum(spacelift_current_resources_count_by_drift{@})""") with { Levels = Panel.NoneIsGood }),
            new Row(
                "AlloyCI and GitLab runners",
                Of(Uids.AlloyRunner, "Runners up", "Runners whose process is seen.", "short", "sum(runner_up{@})"),
                Of(Uids.AlloyRunner, "Running jobs", "Now.", "short", AlloyRunner.Jobs()),
                Of(Uids.AlloyRunner, "AlloyCI jobs that ended", "In the time shown.", "short", "sum(increase(runner_jobs_finished_total{@}[$__range]))"),
                Of(Uids.AlloyRunner, "Fullest runner", "Running jobs by the number that may run.", "percentunit", "max(runner_concurrency_saturation_ratio{@})") with { Levels = Panel.FullIsBad }),
            new Row(
                "GitHub runners",
                Of(Uids.GitHubRunner, "Runners online", "Runners that run, listen and are connected.", "short", "sum(github_runner_status{@})"),
                Of(Uids.GitHubRunner, "Busy runners", "Runners that have a job now.", "short", "sum(github_runner_busy{@})"),
                Of(Uids.GitHubRunner, "GitHub jobs that ended", "In the time shown.", "short", "sum(increase(github_runner_jobs_total{@}[$__range]))"),
                Of(Uids.GitHubRunner, "Success", "Of the jobs that succeeded, failed or were abandoned in the time shown.", "percentunit",
                    """sum(increase(github_runner_jobs_total{@, status="success"}[$__range])) / (sum(increase(github_runner_jobs_total{@, status=~"success|failed|abandoned"}[$__range])) > 0)""") with { Levels = Panel.MoreIsBetter }),
            new Row(
                "CI jobs",
                Of(Uids.CiReceiver, "Receiver stores", "1 while events can be stored.", "short", "min(receiver_store_up{@})") with { Words = Panel.UpOrDown },
                Of(Uids.CiTemplates, "Jobs reported", "Events that were counted in the time shown.", "short", """sum(increase(receiver_events_total{@, result="counted"}[$__range]))"""),
                Of(Uids.CiReceiver, "Waiting in sidecars", "Events that the receiver does not have yet.", "short", "sum(ci_sidecar_spool_events{@})"),
                Of(Uids.CiReceiver, "Dead letters", "Events that were put aside; an operator must look at them.", "short", "sum(ci_sidecar_spool_dead_letters{@})") with { Levels = Panel.NoneIsGood }),
        ],
    };

    // By the names of their jobs, or by what every service shows of itself: the rest of what Prometheus scrapes is not ours.
    private static string Targets => AboutService.Targets(".*(bitbucket-runner-exporter|spacelift-promex|alloy-runner-metrics|github-runner|ci-receiver|ci-sidecar).*", "exporter_build_info");

    private static string OfTargets(string series) => $"{series} and on (job, instance) ({Targets})";

    private static Panel Of(string uid, string title, string description, string unit, string query) => Panel.Stat(title, description, unit, query) with { Width = 6, Opens = uid };
}
