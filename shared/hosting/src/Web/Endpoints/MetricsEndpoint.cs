using System.Diagnostics;
using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>Answers a scrape: the whole body with its length, or an error; 503 beyond so many at a time.</summary>
internal sealed class MetricsEndpoint
{
    private static readonly double[] Buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    private readonly CollectorRegistry _registry;
    private readonly bool _openMetrics;
    private readonly long _mostAtOnce;
    private readonly Histogram _duration;
    private int _now;

    /// <summary>Makes the endpoint of a registry.</summary>
    /// <param name="registry">What is scraped.</param>
    /// <param name="openMetrics">Whether OpenMetrics may be negotiated.</param>
    /// <param name="mostAtOnce">The scrapes that are answered at a time; 0: no limit.</param>
    public MetricsEndpoint(CollectorRegistry registry, bool openMetrics, long mostAtOnce)
    {
        _registry = registry;
        _openMetrics = openMetrics;
        _mostAtOnce = mostAtOnce;
        _duration = Metrics.WithCustomRegistry(registry).CreateHistogram(
            "exporter_scrape_duration_seconds", "Time to gather and encode the metrics, without sending them.", Buckets);
    }

    /// <summary>Answers GET and HEAD.</summary>
    public async Task Handle(HttpContext context)
    {
        // A scrape counts until its body is sent: clients that read slowly are what piles up.
        var now = Interlocked.Increment(ref _now);
        try
        {
            if (_mostAtOnce > 0 && now > _mostAtOnce)
                await Answer.PlainText(context, StatusCodes.Status503ServiceUnavailable, "503 too many scrapes at a time\n");
            else
                await Scrape(context);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    private async Task Scrape(HttpContext context)
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
