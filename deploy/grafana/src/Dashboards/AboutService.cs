namespace CiMetrics.Dashboards.Dashboards;

/// <summary>The last row of every dashboard: the service itself, which has the same metrics everywhere.</summary>
internal static class AboutService
{
    /// <summary>The row.</summary>
    /// <param name="process">The prefix of the service's own process metrics; <c>process</c> is the runner's process where it is observed.</param>
    public static Row Row(string process = "process") => new(
        "The service itself",
        Panel.Stat("Answers", "Whether Prometheus could scrape it.", "short", "up{@}", "{{instance}}") with { Words = Panel.UpOrDown },
        Panel.Stat("Version", "What runs where.", "short", "max by (version) (exporter_build_info{@})", "{{version}}") with { TextMode = "name" },
        Panel.Stat("Memory of the service", "Resident memory: the most that one instance has.", "bytes", $$"""max({{process}}_resident_memory_bytes{@})"""),
        Panel.Stat("Loops that ended", "Background work that has stopped for good: restart the service and look at its log.", "short", "count(exporter_loop_running{@} == 0) or 0 * count(exporter_loop_running{@})") with { Levels = Panel.NoneIsGood },
        Panel.Lines("CPU of the service", "Cores that the service uses.", "short", new Query($$"""sum by (instance) (rate({{process}}_cpu_seconds_total{@}[$__rate_interval]))""", "{{instance}}")) with { Width = 8, Height = 4 },
        Panel.Lines("Scrapes that were not answered", "By reason: there were too many at a time, the time was over, or the service could not fetch what it shows.", "ops",
            new Query("sum by (reason) (rate(exporter_scrape_failures_total{@}[$__rate_interval]))", "{{reason}}")),
        Panel.Lines("Time to answer a scrape", "95th percentile. It should stay far below the scrape's time limit.", "s",
            new Query("histogram_quantile(0.95, sum by (le, instance) (rate(exporter_scrape_duration_seconds_bucket{@}[$__rate_interval])))", "{{instance}}")));
}
