using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>What the process counts about the scrapes that it answers, on all its paths.</summary>
internal sealed class ScrapeMeters
{
    private static readonly double[] Buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    /// <summary>Makes the instruments.</summary>
    public ScrapeMeters(CollectorRegistry registry)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        Duration = metrics.CreateHistogram(
            "exporter_scrape_duration_seconds", "Time to gather and encode the metrics, without sending them.", Buckets);
        Failures = metrics.CreateCounter(
            "exporter_scrape_failures_total", "Scrapes that were not answered with metrics, by reason: busy, deadline or service.", "reason");
        foreach (var reason in (ReadOnlySpan<string>)["busy", "deadline", "service"])
            Failures.WithLabels(reason);
    }

    /// <summary>How long gathering and encoding take.</summary>
    public Histogram Duration { get; }

    /// <summary>Scrapes that were not answered with metrics.</summary>
    public Counter Failures { get; }
}
