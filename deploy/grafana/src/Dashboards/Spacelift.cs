namespace CiMetrics.Dashboards.Dashboards;

/// <summary>A Spacelift account: billing and pools as Spacelift's own example has them, and stacks, drift and durations.</summary>
internal static class Spacelift
{
    public static Dashboard Dashboard { get; } = new("spacelift", Uids.Spacelift, "Spacelift", "A Spacelift account, as spacelift-promex shows it.", "spacelift_up")
    {
        Variables =
        [
            new Variable("worker_pool_name", "Worker pool", "spacelift_worker_pool_workers"),
            // Without the right to list stacks they have no space.
            new Variable("space", "Space", "spacelift_current_stacks_count_by_state") { All = ".*" },
        ],
        Rows =
        [
            new Row(
                "Account",
                Panel.Stat("Billing period starts", "Of the current one.", "dateTimeAsIso", "1000 * max(spacelift_current_billing_period_start_timestamp_seconds{@})"),
                Panel.Stat("Billing period ends", "Of the current one.", "dateTimeAsIso", "1000 * max(spacelift_current_billing_period_end_timestamp_seconds{@})"),
                Panel.Stat("Time until reset", "Until the billing period ends and usage begins at 0 again.", "s", "max(spacelift_current_billing_period_end_timestamp_seconds{@}) - time()"),
                Panel.Stat("Public worker minutes", "Used in the billing period.", "m", "max(spacelift_current_billing_period_used_public_seconds{@}) / 60"),
                Panel.Stat("Private worker minutes", "Used in the billing period.", "m", "max(spacelift_current_billing_period_used_private_seconds{@}) / 60"),
                Panel.Stat("Used seats", "In the billing period.", "short", "max(spacelift_current_billing_period_used_seats{@})")),
            new Row(
                "Public worker pool",
                Panel.Stat("Parallelism", "Runs that can execute at the same time.", "short", "max(spacelift_public_worker_pool_parallelism{@})"),
                Panel.Stat("Runs executing", "Public workers that are busy for this account.", "short", "max(spacelift_public_worker_pool_workers_busy{@})"),
                Panel.Stat("Runs pending", "Runs that wait for a public worker.", "short", "max(spacelift_public_worker_pool_runs_pending{@})"),
                Panel.Lines("Runs in the public pool", "Runs wait although there is room below the parallelism: look at Spacelift's status.", "short",
                    new Query("max(spacelift_public_worker_pool_workers_busy{@})", "executing"), new Query("max(spacelift_public_worker_pool_runs_pending{@})", "pending"), new Query("max(spacelift_public_worker_pool_parallelism{@})", "parallelism"))),
            new Row(
                "Private worker pools",
                Panel.Lines("Busy workers by pool", "By pool.", "short", Pool("{{worker_pool_name}}", "workers_busy")) with { Width = 8 },
                Panel.Lines("Runs pending by pool", "By pool: runs that wait for a worker.", "short", Pool("{{worker_pool_name}}", "runs_pending")) with { Width = 8 },
                Panel.Stack("Workers by status", "Draining ones are busy with their last run.", "short", new Query("""sum by (status) (spacelift_worker_pool_workers_by_status{@, worker_pool_name=~"$worker_pool_name"})""", "{{status}}")) with { Width = 8 },
                Panel.Table("Worker pools", "What each has and does.",
                    Pool("Workers", "workers"), Pool("Busy", "workers_busy"), Pool("Drained", "workers_drained"), Pool("Runs pending", "runs_pending"))),
            new Row(
                "Stacks",
                Panel.Stat("Stacks", "That are listed.", "short", Stacks("")),
                Panel.Stat("Failed stacks", "Whose last run failed.", "short", $"{Stacks(", state=\"FAILED\"")} or 0 * {Stacks("")}") with { Levels = Panel.NoneIsGood },
                Panel.Stat("Waiting for confirmation", "Stacks whose run somebody has to confirm or discard.", "short", """sum(spacelift_space_runs_unconfirmed{@, space=~"$space"})"""),
                Panel.Stat("Longest wait for confirmation", "Of the run that has waited longest.", "s", """max(spacelift_space_oldest_unconfirmed_run_age_seconds{@, space=~"$space"})""") with { Levels = [(0, "green"), (14400, "orange"), (86400, "red")] },
                Panel.Stat("Locked stacks", "That somebody locked.", "short", """sum(spacelift_space_stacks_locked{@, space=~"$space"})"""),
                Panel.Stat("Average size", "Resources of a stack.", "short", "max(spacelift_current_avg_stack_size_by_resource_count{@})"),
                Panel.Stack("Stacks by state", "All stacks of the account.", "short", new Query("""sum by (state) (spacelift_current_stacks_count_by_state{@, space=~"$space"})""", "{{state}}")) with { Width = 16 },
                Panel.Pie("Stacks by space", "All stacks of the account.", "short", new Query("""sum by (space) (spacelift_current_stacks_count_by_state{@, space=~"$space"})""", "{{space}}")),
                Panel.Table("Stacks that need somebody", "Stacks that failed or wait for a confirmation.",
                    new Query("""max by (space, stack, state) (spacelift_current_stacks_count_by_state{@, space=~"$space", state=~"FAILED|UNCONFIRMED"}) > 0""", "Stacks"))),
            new Row(
                "Drift",
                Panel.Stat("Resources that drifted", "That are not as their stack says.", "short", Drifted) with { Levels = Panel.NoneIsGood },
                Panel.Stat("Share that drifted", "Of all resources.", "percentunit", $"({Drifted}) / ({Resources("")} > 0)"),
                Panel.Lines("Resources that drifted, by space", "A step upwards is a change that somebody made by hand.", "short",
                    new Query("""sum by (space) (spacelift_current_resources_count_by_drift{@, space=~"$space", state="DRIFTED"})""", "{{space}}")) with { Width = 16 },
                Panel.Table("Stacks with drift", "Resources of each that drifted.",
                    new Query("""max by (space, stack) (spacelift_current_resources_count_by_drift{@, space=~"$space", state="DRIFTED"}) > 0""", "Resources"))),
            new Row(
                "Runs",
                Panel.Lines("Duration of runs", "Average and median of the last 30 days, as Spacelift tells them.", "s",
                    new Query("max(spacelift_current_average_run_duration_seconds{@})", "average"), new Query("max(spacelift_current_median_run_duration_seconds{@})", "median")) with { Width = 8 },
                Panel.Stack("Runs that reach a state, per hour", "By state; from webhooks, so runs between two scrapes are counted too.", "suffix: /h",
                    new Query("3600 * sum by (state) (rate(spacelift_webhook_run_states_total{@}[$__rate_interval]))", "{{state}}")) with { Width = 8 },
                Panel.Lines("Duration by type", "95th percentile from a run's creation to its end; from webhooks.", "s",
                    new Query("histogram_quantile(0.95, sum by (le, type) (rate(spacelift_webhook_run_duration_seconds_bucket{@}[$__rate_interval])))", "{{type}}")) with { Width = 8 }),
            new Row(
                "Spacelift's API",
                Panel.Stat("Spacelift answers", "Whether any query of the last scrape was answered.", "short", "min(spacelift_up{@})") with { Words = Panel.UpOrDown },
                Panel.Stat("Slowest answer", "Time that the requests for the last scrape took.", "s", "max(spacelift_scrape_duration_seconds{@})"),
                Panel.Stat("Calls left", "Of the limit per hour, where there is one.", "short", "min(spacelift_api_calls_left{@})"),
                Panel.Table("Queries", "What is asked: whether it went well, and how old what is shown is.",
                    new Query("max by (collector) (spacelift_collector_supported{@})", "Allowed"), new Query("min by (collector) (spacelift_collector_success{@})", "Succeeded"),
                    new Query("max by (collector) (time() - spacelift_collector_last_success_timestamp_seconds{@})", "Last success", "s"), new Query("max by (collector) (spacelift_collector_items{@})", "Items"),
                    new Query("max by (collector) (spacelift_collector_truncated{@})", "Truncated")) with { Width = 12 },
                Panel.Lines("Calls", "By operation, repeated ones as well.", "reqps", new Query("sum by (operation) (rate(spacelift_api_calls_total{@}[$__rate_interval]))", "{{operation}}")),
                Panel.Lines("Errors", "Queries that were not answered in full, by kind.", "ops", new Query("sum by (kind) (rate(spacelift_api_errors_total{@}[$__rate_interval]))", "{{kind}}"))),
            AboutService.Row(".*spacelift-promex.*", ["spacelift_up"]),
        ],
    };

    private static Query Pool(string legend, string metric) => new($$"""max by (worker_pool_name) (spacelift_worker_pool_{{metric}}{@, worker_pool_name=~"$worker_pool_name"})""", legend);

    private static string Stacks(string matchers) => $$"""sum(spacelift_current_stacks_count_by_state{@, space=~"$space"{{matchers}}})""";

    // Where nothing drifted there is no such series.
    private static string Drifted => $"{Resources(", state=\"DRIFTED\"")} or 0 * {Resources("")}";

    private static string Resources(string matchers) => $$"""sum(spacelift_current_resources_count_by_drift{@, space=~"$space"{{matchers}}})""";
}
