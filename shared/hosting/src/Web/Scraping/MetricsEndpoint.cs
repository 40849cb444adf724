using System.Diagnostics;
using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>
/// Answers a scrape: the whole body with its length, or an error. 503 beyond so many at a time and when the service
/// cannot prepare its metrics, 504 when they are not there in time.
/// </summary>
internal sealed class MetricsEndpoint
{
    private readonly CollectorRegistry _registry;
    private readonly TimeProvider _time;
    private readonly ScrapeMeters _meters;
    private int _now;

    /// <summary>Makes the endpoint of a registry.</summary>
    /// <param name="registry">What is scraped.</param>
    /// <param name="meters">Where its scrapes are counted.</param>
    /// <param name="time">The clock.</param>
    public MetricsEndpoint(CollectorRegistry registry, ScrapeMeters meters, TimeProvider time)
    {
        _registry = registry;
        _meters = meters;
        _time = time;
    }

    /// <summary>Whether OpenMetrics may be negotiated.</summary>
    public bool OpenMetrics { get; init; }

    /// <summary>The scrapes that are answered at a time; 0: no limit.</summary>
    public long MostAtOnce { get; init; }

    /// <summary>The time that a scrape has, unless the scraper waits less.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What goes before gathering.</summary>
    public ScrapePreparation? Prepare { get; init; }

    /// <summary>Answers GET and HEAD.</summary>
    public async Task Handle(HttpContext context)
    {
        // A scrape counts until its body is sent: clients that read slowly are what piles up.
        var now = Interlocked.Increment(ref _now);
        try
        {
            if (MostAtOnce > 0 && now > MostAtOnce)
                await Fail(context, "busy", StatusCodes.Status503ServiceUnavailable, "too many scrapes at a time");
            else
                await InTime(context);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    private async Task InTime(HttpContext context)
    {
        var timeout = ScrapeTimeout.Of(context.Request.Headers[ScrapeTimeout.Header], Longest);
        using var deadline = new ScrapeDeadline(timeout, _time, context.RequestAborted);
        try
        {
            await Scrape(context, deadline);
        }
        catch (OperationCanceledException) when (deadline.HasPassed && !context.RequestAborted.IsCancellationRequested)
        {
            // With its length the body is on its way, even while the server still holds its first bytes.
            if (!context.Response.HasStarted && context.Response.ContentLength is null)
            {
                var waited = GoDuration.Format(TimeSpan.FromMilliseconds(Math.Round(deadline.ToGather.TotalMilliseconds)));
                await Fail(context, "deadline", StatusCodes.Status504GatewayTimeout, $"the metrics were not there within {waited}, the time that this scrape has");
                return;
            }
            // Half a body must not look like a whole one.
            _meters.Failures.WithLabels("deadline").Inc();
            context.Abort();
        }
    }

    private async Task Scrape(HttpContext context, ScrapeDeadline deadline)
    {
        if (Prepare is not null && await Prepare(deadline.ToPrepare).WaitAsync(deadline.Token) is { } problem)
        {
            await Fail(context, "service", StatusCodes.Status503ServiceUnavailable, problem);
            return;
        }
        var headers = context.Request.Headers;
        var format = ContentNegotiation.Choose(headers.Accept.ToString(), headers.AcceptEncoding.ToString(), OpenMetrics);
        var start = Stopwatch.GetTimestamp();
        using var scrape = await Gather(format, deadline.Token);
        _meters.Duration.Observe(Stopwatch.GetElapsedTime(start).TotalSeconds);

        // What passed meanwhile cannot be extended any more; nothing is sent yet, so that can be said.
        deadline.ExtendForSending();
        deadline.Token.ThrowIfCancellationRequested();
        var response = context.Response;
        response.ContentType = scrape.ContentType;
        response.ContentLength = scrape.Length;
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.CacheControl = "no-store";
        if (scrape.ContentEncoding is { } encoding)
            response.Headers.ContentEncoding = encoding;
        if (!HttpMethods.IsHead(context.Request.Method))
            await scrape.CopyToAsync(response.BodyWriter, deadline.Token);
    }

    // Not on this thread: a collector that hangs must keep nobody past the deadline.
    private async Task<Scrape> Gather(ScrapeFormat format, CancellationToken deadline)
    {
        var gather = Task.Run(() => _registry.ScrapeAsync(format, deadline).AsTask(), CancellationToken.None);
        try
        {
            return await gather.WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            // What comes too late still holds buffers.
            _ = gather.ContinueWith(
                late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private Task Fail(HttpContext context, string reason, int status, string text)
    {
        _meters.Failures.WithLabels(reason).Inc();
        return Answer.PlainText(context, status, $"{status} {text}\n");
    }
}
