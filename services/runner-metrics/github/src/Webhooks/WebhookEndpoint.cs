using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.Keeping;
using CiMetrics.GitHubRunner.State;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.GitHubRunner.Webhooks;

/// <summary>
/// Takes GitHub's <c>workflow_job</c> events. It answers once an event is durable: what was answered is counted once,
/// what was not may be delivered again.
/// </summary>
internal sealed class WebhookEndpoint
{
    /// <summary>The longest body, in bytes; GitHub's events about jobs have some ten thousand.</summary>
    public const int LongestBody = 512 << 10;

    private const int LongestId = 100;
    private const int MostAtOnce = 32;

    private readonly Func<string?> _secret;
    private readonly TimeSpan _window;
    private readonly FleetMonitor _monitor;
    private readonly Checkpoint _checkpoint;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Counter.Child> _results = new(StringComparer.Ordinal);
    private int _inFlight;

    /// <summary>Makes it.</summary>
    /// <param name="secret">The secret at this moment; it may change while the service runs.</param>
    /// <param name="window">Events about what happened longer ago are old ones that somebody sends again.</param>
    /// <param name="monitor">Gets the events.</param>
    /// <param name="checkpoint">Makes them durable.</param>
    /// <param name="metrics">Where deliveries are counted.</param>
    /// <param name="time">The clock.</param>
    public WebhookEndpoint(Func<string?> secret, TimeSpan window, FleetMonitor monitor, Checkpoint checkpoint, MetricFactory metrics, TimeProvider time)
    {
        (_secret, _window, _monitor, _checkpoint, _time) = (secret, window, monitor, checkpoint, time);
        Counter deliveries = metrics.CreateCounter(
            "github_runner_webhook_deliveries_total", "Requests to the webhook's address by what became of them, since the exporter started.", "result");
        foreach (string result in Results) _results.Add(result, deliveries.WithLabels(result));
    }

    /// <summary>The values of the label.</summary>
    public static IReadOnlyList<string> Results { get; } = ["accepted", "duplicate", "stale", "ignored", "unsigned", "malformed", "too_large", "busy", "not_kept"];

    /// <summary>Answers POST.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _inFlight) > MostAtOnce)
        {
            Interlocked.Decrement(ref _inFlight);
            context.Response.Headers.RetryAfter = "1";
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "busy");
            return;
        }
        try
        {
            (int status, string result) = await TakeAsync(context.Request, context.RequestAborted);
            await AnswerAsync(context, status, result);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task<(int Status, string Result)> TakeAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (await BodyAsync(request, cancellation) is not { } body) return (StatusCodes.Status413PayloadTooLarge, "too_large");
        // Nothing of it is looked at before it is known who sent it.
        if (_secret() is not { } secret || !Signature.Fits(secret, body.Span, request.Headers["X-Hub-Signature-256"])) return (StatusCodes.Status401Unauthorized, "unsigned");
        if ((string?)request.Headers["X-GitHub-Delivery"] is not { Length: > 0 and <= LongestId } delivery) return (StatusCodes.Status400BadRequest, "malformed");
        if (request.Headers["X-GitHub-Event"] != "workflow_job") return (StatusCodes.Status202Accepted, "ignored");
        DateTimeOffset now = _time.GetUtcNow();
        if (JobPayload.Read(body, now) is not { } job) return (StatusCodes.Status400BadRequest, "malformed");
        // Longer than it is remembered what was counted, an event could count twice.
        if ((job.Completed ?? job.Started ?? job.Created) is { } happened && happened < now - _window) return (StatusCodes.Status202Accepted, "stale");
        (bool isNew, long version) = _monitor.Write(state =>
        {
            if (!state.Deliveries.Add(delivery)) return false;
            state.Apply(new Fact.Api(job));
            return true;
        });
        return !await _checkpoint.KeptAsync(version, cancellation) ? (StatusCodes.Status503ServiceUnavailable, "not_kept")
            : isNew ? (StatusCodes.Status202Accepted, "accepted")
            : (StatusCodes.Status200OK, "duplicate");
    }

    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > LongestBody) return null;
        byte[] buffer = new byte[(int)(request.ContentLength ?? 16 << 10) + 1];
        int length = 0;
        while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellation) is var read and > 0)
        {
            length += read;
            if (length > LongestBody) return null;
            if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(2 * buffer.Length, LongestBody + 1));
        }
        return buffer.AsMemory(0, length);
    }

    private async Task AnswerAsync(HttpContext context, int status, string result)
    {
        _results[result].Inc();
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(result + "\n", context.RequestAborted);
    }
}
