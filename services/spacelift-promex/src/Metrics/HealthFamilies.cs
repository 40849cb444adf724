using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>How it goes between this exporter and Spacelift.</summary>
internal static class HealthFamilies
{
    /// <summary>Labels of a collector.</summary>
    public static readonly LabelSchema CollectorLabels = new("collector");

    public static readonly MetricFamily Up = Gauge("spacelift_up", "Whether Spacelift answered anything for the metrics shown (1) or nothing (0)");
    public static readonly MetricFamily Duration = Gauge("spacelift_scrape_duration", "The duration in seconds of the request to the Spacelift API for metrics");
    public static readonly MetricFamily DurationSeconds = Gauge("spacelift_scrape_duration_seconds", "The duration in seconds of the requests to the Spacelift API for metrics");
    public static readonly MetricFamily BudgetLeft = Gauge("spacelift_api_calls_left", "Calls to the Spacelift API that are left of those allowed within 60 minutes (--max-calls-per-hour)");

    public static readonly MetricFamily Stuck = Gauge("spacelift_refreshes_stuck", "Refreshes that did not end at their limit and still go on; scrapes go on without them");

    public static readonly MetricFamily Success = Collector("spacelift_collector_success", "Whether a collector's last attempt went well (1) or not (0)");
    public static readonly MetricFamily Supported = Collector("spacelift_collector_supported", "Whether Spacelift lets the API key ask for what a collector collects (1) or not (0)");
    public static readonly MetricFamily CollectorDuration = Collector("spacelift_collector_duration_seconds", "The duration of a collector's last attempt");
    public static readonly MetricFamily LastSuccess = Collector("spacelift_collector_last_success_timestamp_seconds", "When a collector last went well");
    public static readonly MetricFamily Age = Collector("spacelift_collector_age_seconds", "How old what a background collector shows is");
    public static readonly MetricFamily Truncated = Collector("spacelift_collector_truncated", "Whether a listing had more pages than are read (1) or was read to its end (0)");
    public static readonly MetricFamily Items = Collector("spacelift_collector_items", "How many items the listing that is shown has");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricFamily> All =
        [Up, Duration, DurationSeconds, BudgetLeft, Stuck, Success, Supported, CollectorDuration, LastSuccess, Age, Truncated, Items];

    private static MetricFamily Gauge(string name, string help) => new(name, help, MetricType.Gauge);

    private static MetricFamily Collector(string name, string help) => new(name, help, MetricType.Gauge, CollectorLabels);
}
