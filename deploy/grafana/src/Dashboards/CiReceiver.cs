namespace CiMetrics.Dashboards.Dashboards;

/// <summary>The receiver of job events and the sidecars that bring them.</summary>
internal static class CiReceiver
{
    public static Dashboard Dashboard { get; } = new("ci-receiver", Uids.CiReceiver, "CI Job Receiver and Sidecars", "How job events get from the jobs to the receiver's ledger.", """{__name__=~"receiver_store_up|ci_sidecar_spool_events"}""")
    {
        Rows =
        [
            new Row(
                "Receiver",
                Panel.Stat("Store", "Whether events can be stored.", "short", "min(receiver_store_up{@})") with { Words = Panel.UpOrDown },
                Panel.Stat("Events counted", "In the time shown.", "short", """sum(increase(receiver_events_total{@, result="counted"}[$__range]))"""),
                Panel.Stat("Duplicates", "Repeated deliveries of the time shown, which count once.", "short", """sum(increase(receiver_events_total{@, result="duplicate"}[$__range]))"""),
                Panel.Stat("Refused", "Requests of the time shown that counted nothing.", "short", "sum(increase(receiver_requests_refused_total{@}[$__range]))"),
                Panel.Stat("Variables without a $", "Fields of the time shown that held the name of a CI variable instead of its value.", "short", "sum(increase(receiver_unexpanded_variables_total{@}[$__range]))"),
                Panel.Stat("Names that collide", "Metrics that stand for more than one name of a job.", "short", "max(receiver_name_collisions{@})"),
                Panel.Stack("Events", "Per second, by result.", "cps", new Query("sum by (result) (rate(receiver_events_total{@}[$__rate_interval]))", "{{result}}")),
                Panel.Stack("Refused requests", "Per second, by HTTP status: 4xx are the senders', 503 is the store's.", "reqps", new Query("sum by (code) (rate(receiver_requests_refused_total{@}[$__rate_interval]))", "{{code}}")),
                Panel.Lines("Warnings", "Events that were counted, but not quite as they were sent, by reason.", "cps", new Query("sum by (reason) (rate(receiver_warnings_total{@}[$__rate_interval]))", "{{reason}}")),
                Panel.Lines("Time to store", "A batch of events, until it is durable.", "s", Commit(0.5, "median"), Commit(0.99, "99th percentile"))),
            new Row(
                "Ledger",
                Panel.Lines("Limits", "How full the ledger is: at 1 what is new is counted as other.", "percentunit", Share("names"), Share("projects"), Share("series"), Share("dedup_keys")),
                Panel.Lines("Counted as other", "Events beyond a limit.", "cps", new Query("sum by (limit) (rate(receiver_folded_total{@}[$__rate_interval]))", "{{limit}}")),
                Panel.Lines("Repetitions are recognised for", "Senders must not hold an event back for longer than this.", "s", new Query("min(receiver_dedup_horizon_seconds{@})", "horizon")) with { Width = 8 },
                Panel.Lines("Journal", "Bytes that no snapshot holds yet; absent with a database.", "bytes", new Query("max by (instance) (receiver_journal_bytes{@})", "{{instance}}")) with { Width = 8 },
                Panel.Lines("Failures to store", "Batches and snapshots.", "ops",
                    new Query("sum(rate(receiver_commit_failures_total{@}[$__rate_interval]))", "batches"), new Query("sum(rate(receiver_snapshot_failures_total{@}[$__rate_interval]))", "snapshots")) with { Width = 8 }),
            new Row(
                "Sidecars",
                Panel.Stat("Waiting", "Events in spools that the receiver does not have yet.", "short", "sum(ci_sidecar_spool_events{@})"),
                Panel.Stat("Longest wait", "Of the event that waits longest.", "s", "max(ci_sidecar_spool_oldest_age_seconds{@})") with { Levels = [(0, "green"), (300, "orange"), (3600, "red")] },
                Panel.Stat("Dead letters", "Events that were put aside: exporter drain --dead-letters tries them again.", "short", "sum(ci_sidecar_spool_dead_letters{@})") with { Levels = Panel.NoneIsGood },
                Panel.Stat("Invalid files", "Files without an event, kept in invalid/.", "short", "sum(ci_sidecar_spool_invalid_files{@})") with { Levels = Panel.NoneIsGood },
                Panel.Stat("Files", "Whose events were put into a spool, in the time shown.", "short", "sum(increase(ci_sidecar_files_total{@}[$__range]))"),
                Panel.Stat("Last success", "Since a receiver last took an event of any sidecar.", "s", "time() - max(ci_sidecar_last_success_timestamp_seconds{@})"),
                Panel.Stack("Events that are done with", "Per second, by result: rejected and given up are lost to the figures.", "cps", new Query("sum by (result) (rate(ci_sidecar_events_total{@}[$__rate_interval]))", "{{result}}")) with { Width = 8 },
                Panel.Lines("Attempts that are repeated", "Per second, by reason.", "ops", new Query("sum by (reason) (rate(ci_sidecar_retries_total{@}[$__rate_interval]))", "{{reason}}")) with { Width = 8 },
                Panel.Lines("Files that are no event", "Per second: put aside, or older than the job.", "cps",
                    new Query("sum(rate(ci_sidecar_files_quarantined_total{@}[$__rate_interval]))", "put aside"), new Query("sum(rate(ci_sidecar_files_stale_dropped_total{@}[$__rate_interval]))", "stale"),
                    new Query("sum(rate(ci_sidecar_intake_errors_total{@}[$__rate_interval]))", "errors")) with { Width = 8 }),
            AboutService.Row(".*(ci-receiver|ci-sidecar).*", ["receiver_store_up", "ci_sidecar_spool_events"]),
        ],
    };

    private static Query Commit(double quantile, string legend) => new($$"""histogram_quantile({{quantile}}, sum by (le) (rate(receiver_commit_duration_seconds_bucket{@}[$__rate_interval])))""", legend);

    private static Query Share(string what) => new($$"""max(receiver_{{what}}{@} / receiver_{{what}}_limit{@})""", what);
}
