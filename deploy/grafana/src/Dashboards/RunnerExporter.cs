namespace CiMetrics.Dashboards.Dashboards;

/// <summary>Bitbucket build containers on Docker hosts.</summary>
internal static class RunnerExporter
{
    private const string Build = """@, runner_uuid=~"$runner_uuid" """;
    private const string Names = "{{runner_uuid}} {{pipeline_uuid}}";

    public static Dashboard Dashboard { get; } = new("runner-exporter", Uids.RunnerExporter, "Bitbucket Runners", "Build containers of Bitbucket's self-hosted runners, as bitbucket-runner-exporter shows them.", "bitbucket_agent_docker_up")
    {
        Variables = [new Variable("runner_uuid", "Runner", "bitbucket_agent_build_status")],
        Rows =
        [
            new Row(
                "Now",
                Panel.Stat("Docker engine", "Whether the engine answers the exporter.", "short", "min(bitbucket_agent_docker_up{@})") with { Words = Panel.UpOrDown },
                Panel.Stat("Running builds", "Build containers that run or are paused.", "short", Sum("bitbucket_agent_build_status")),
                Panel.Stat("Success", "Of the builds that ended in the time shown, those that were killed left out.", "percentunit",
                    Filled("""sum(increase(bitbucket_agent_runner_builds_finished_total{#, result="success"}[$__range])) / (sum(increase(bitbucket_agent_runner_builds_finished_total{#, result=~"success|failure"}[$__range])) > 0)""")) with { Levels = Panel.MoreIsBetter },
                Panel.Stat("CPU in use", "Cores that all running builds use.", "short", Sum("bitbucket_agent_build_cpu_usage_cores")),
                Panel.Stat("Memory in use", "Of all running builds, page cache included.", "bytes", Sum("bitbucket_agent_build_memory_usage")),
                Panel.Stat("Killed for memory", "Processes that the kernel killed in the time shown.", "short", Filled("sum(increase(bitbucket_agent_runner_oom_kills_total{#}[$__range]))")) with { Levels = Panel.NoneIsGood },
                Panel.Table("Running builds and their limits", "What each build uses of what it may.",
                    Column("bitbucket_agent_build_cpu_usage_cores", "CPU", "short"), Column("bitbucket_agent_build_cpu_limit_cores", "CPU limit", "short"),
                    Column("bitbucket_agent_build_memory_usage", "Memory", "bytes"), Column("bitbucket_agent_build_memory_limit", "Memory limit", "bytes"),
                    Column("bitbucket_agent_build_pids", "Processes", "short"),
                    new Query(Filled("time() - max by (runner_uuid, pipeline_uuid) (bitbucket_agent_build_start_time_seconds{#} and bitbucket_agent_build_status{#} == 1)"), "Runs for", "s"))),
            new Row(
                "Builds",
                Panel.Stack("Running builds by runner", "A runner runs one build at a time: gaps are idle time.", "short", new Query(Filled("sum by (runner_uuid) (bitbucket_agent_build_status{#})"), "{{runner_uuid}}")),
                Panel.Stack("Builds that end, per hour", "By result: killed is what was stopped or ran out of memory (exit codes 137 and 143).", "suffix: /h",
                    new Query(Filled("3600 * sum by (result) (rate(bitbucket_agent_runner_builds_finished_total{#}[$__rate_interval]))"), "{{result}}")),
                Panel.Lines("Duration of builds", "From start to end of the builds that ended.", "s",
                    new Query(Quantile(0.5), "median"), new Query(Quantile(0.95), "95th percentile"),
                    new Query(Filled("sum(rate(bitbucket_agent_runner_build_duration_seconds_sum{#}[$__rate_interval])) / (sum(rate(bitbucket_agent_runner_build_duration_seconds_count{#}[$__rate_interval])) > 0)"), "average")),
                Panel.Pie("Results", "Builds of the time shown.", "short", new Query(Filled("sum by (result) (increase(bitbucket_agent_runner_builds_finished_total{#}[$__range]))"), "{{result}}")) with { Width = 6 },
                Panel.Pie("CPU time by runner", "Of the builds, in the time shown.", "s", new Query(Filled("sum by (runner_uuid) (increase(bitbucket_agent_runner_cpu_seconds_total{#}[$__range]))"), "{{runner_uuid}}")) with { Width = 6 }),
            new Row(
                "CPU and memory",
                Panel.Lines("CPU", "Cores that each build uses.", "short", ByBuild("bitbucket_agent_build_cpu_usage_cores")),
                Panel.Lines("CPU held back", "Share of the quota's periods in which a build had used it up: a higher limit makes it faster.", "percentunit",
                    new Query(Filled("sum by (runner_uuid, pipeline_uuid) (rate(bitbucket_agent_build_cpu_throttled_periods_total{#}[$__rate_interval])) / (sum by (runner_uuid, pipeline_uuid) (rate(bitbucket_agent_build_cpu_periods_total{#}[$__rate_interval])) > 0)"), Names)),
                Panel.Lines("Memory", "Working set of each build: usage without page cache that can be given back.", "bytes", ByBuild("bitbucket_agent_build_memory_working_set_bytes")),
                Panel.Lines("Memory by its limit", "At 1 the kernel begins to kill.", "percentunit",
                    new Query(Filled("max by (runner_uuid, pipeline_uuid) (bitbucket_agent_build_memory_working_set_bytes{#}) / max by (runner_uuid, pipeline_uuid) (bitbucket_agent_build_memory_limit{#})"), Names)),
                Panel.Lines("Waiting for CPU, memory and disks", "Share of the time in which all processes of a build stood still (pressure stall information, where the kernel has it).", "percentunit",
                    Pressure("cpu"), Pressure("memory"), Pressure("io")),
                Panel.Lines("Processes", "Processes and threads of each build.", "short", ByBuild("bitbucket_agent_build_pids"))),
            new Row(
                "Network and disks",
                Panel.Lines("Network", "Bytes received and sent by all builds.", "Bps", Rate("bitbucket_agent_build_network_received_bytes_total", "received"), Rate("bitbucket_agent_build_network_transmitted_bytes_total", "sent")),
                Panel.Lines("Disks", "Bytes read from and written to block devices by all builds.", "Bps", Rate("bitbucket_agent_build_block_read_bytes_total", "read"), Rate("bitbucket_agent_build_block_written_bytes_total", "written"))),
            new Row(
                "Observation",
                Panel.Lines("Errors", "Of what the exporter asks, by reason.", "ops", new Query("sum by (reason) (rate(bitbucket_agent_errors_total{@}[$__rate_interval]))", "{{reason}}")) with { Width = 8 },
                Panel.Lines("Age of samples", "Of the oldest; it grows where a build cannot be looked at.", "s", new Query(Filled("max by (instance) (bitbucket_agent_build_sample_age_seconds{#})"), "{{instance}}")) with { Width = 8 },
                Panel.Lines("Where figures come from", "Running builds by the source of their last sample: cgroup files have more than the engine's API.", "short", new Query("sum by (source) (bitbucket_agent_builds_sampled{@})", "{{source}}")) with { Width = 8 }),
            AboutService.Row(".*bitbucket-runner-exporter.*", ["bitbucket_agent_docker_up"]),
        ],
    };

    // # stands for jobs, instances and runners.
    private static string Filled(string query) => query.Replace("#", Build.TrimEnd(), StringComparison.Ordinal);

    private static string Sum(string metric) => Filled($$"""sum({{metric}}{#})""");

    private static Query Column(string metric, string title, string unit) => new(Filled($$"""max by (runner_uuid, pipeline_uuid) ({{metric}}{#})"""), title, unit);

    private static Query ByBuild(string metric) => new(Filled($$"""max by (runner_uuid, pipeline_uuid) ({{metric}}{#})"""), Names);

    private static Query Rate(string metric, string legend) => new(Filled($$"""sum(rate({{metric}}{#}[$__rate_interval]))"""), legend);

    private static Query Pressure(string resource) => new(Filled($$"""max(rate(bitbucket_agent_build_pressure_{{resource}}_stalled_seconds_total{#}[$__rate_interval]))"""), resource);

    private static string Quantile(double quantile) => Filled($$"""histogram_quantile({{quantile}}, sum by (le) (rate(bitbucket_agent_runner_build_duration_seconds_bucket{#}[$__rate_interval])))""");
}
