using System.Diagnostics;
using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>Answers a scrape: the whole body with its length, or an error.</summary>
internal sealed class MetricsEndpoint
{
    private static readonly double[] Buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    private readonly CollectorRegistry _registry;
    private readonly bool _openMetrics;
    private readonly Histogram _duration;

    /// <summary>Makes the endpoint of a registry.</summary>
    public MetricsEndpoint(CollectorRegistry registry, bool openMetrics)
    {
        _registry = registry;
        _openMetrics = openMetrics;
        _duration = Metrics.WithCustomRegistry(registry).CreateHistogram(
            "exporter_scrape_duration_seconds", "Time to gather and encode the metrics, without sending them.", Buckets);
    }

    /// <summary>Answers GET and HEAD.</summary>
    public async Task Handle(HttpContext context)
    {
        var headers = context.Request.Headers;
        var format = ContentNegotiation.Choose(headers.Accept.ToString(), headers.AcceptEncoding.ToString(), _openMetrics);
        var start = Stopwatch.GetTimestamp();
        using var scrape = await _registry.ScrapeAsync(format, context.RequestAborted);
        _duration.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);

        var response = context.Response;
        response.ContentType = scrape.ContentType;
        response.ContentLength = scrape.Length;
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.CacheControl = "no-store";
        if (scrape.ContentEncoding is { } encoding)
            response.Headers.ContentEncoding = encoding;
        if (!HttpMethods.IsHead(context.Request.Method))
            await scrape.CopyToAsync(response.BodyWriter, context.RequestAborted);
    }
}
