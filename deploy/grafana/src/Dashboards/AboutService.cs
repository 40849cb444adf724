namespace CiMetrics.Dashboards.Dashboards;

/// <summary>The last row of every dashboard: the service itself, which has the same metrics everywhere.</summary>
internal static class AboutService
{
    /// <summary>The row.</summary>
    /// <param name="jobs">How the service's jobs are found in Prometheus, as the alert rules do it.</param>
    /// <param name="own">Metrics that this service has and no other.</param>
    /// <param name="process">The prefix of the service's own process metrics; <c>process</c> is the runner's process where it is observed.</param>
    public static Row Row(string jobs, string[] own, string process = "process")
    {
        // All services have these metrics, and whatever else Prometheus scrapes has some of them.
        string Of(string series) => $"{series} and on (job, instance) {OneOf(own, metric => $$"""{{metric}}{@}""")}";
        string loops = Of("exporter_loop_running{@}");
        return new Row(
            "The service itself",
            Panel.Stat("Answers", "Whether Prometheus could scrape it.", "short", Targets(jobs, own), "{{instance}}") with { Words = Panel.UpOrDown },
            Panel.Stat("Version", "What runs where.", "short", $"max by (version) ({Of("exporter_build_info{@}")})", "{{version}}") with { TextMode = "name" },
            Panel.Stat("Memory of the service", "Resident memory: the most that one instance has.", "bytes", $"max({Of($$"""{{process}}_resident_memory_bytes{@}""")})"),
            Panel.Stat("Loops that ended", "Background work that has stopped for good: restart the service and look at its log.", "short", $"count(({loops}) == 0) or 0 * count({loops})") with { Levels = Panel.NoneIsGood },
            Panel.Lines("CPU of the service", "Cores that the service uses.", "short", new Query($"sum by (instance) ({Of($$"""rate({{process}}_cpu_seconds_total{@}[$__rate_interval])""")})", "{{instance}}")) with { Width = 8, Height = 4 },
            Panel.Lines("Scrapes that were not answered", "By reason: there were too many at a time, the time was over, or the service could not fetch what it shows.", "ops",
                new Query($"sum by (reason) ({Of("rate(exporter_scrape_failures_total{@}[$__rate_interval])")})", "{{reason}}")),
            Panel.Lines("Time to answer a scrape", "95th percentile. It should stay far below the scrape's time limit.", "s",
                new Query($"histogram_quantile(0.95, sum by (le, instance) ({Of("rate(exporter_scrape_duration_seconds_bucket{@}[$__rate_interval])")}))", "{{instance}}")));
    }

    /// <summary>
    /// <c>up</c> of a service's targets: those of its jobs, and under other names those that had its metrics in the time shown.
    /// A target that is down has no metrics, so that these alone would not find it.
    /// </summary>
    public static string Targets(string jobs, params string[] own) =>
        $$"""up{@, job=~"{{jobs}}"} or up{@} and on (job, instance) {{OneOf(own, metric => $$"""last_over_time({{metric}}{@}[$__range])""")}}""";

    private static string OneOf(string[] metrics, Func<string, string> series) => metrics.Length == 1 ? series(metrics[0]) : $"({string.Join(" or ", metrics.Select(series))})";
}
