using System.Buffers;
using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.Webhooks;

/// <summary><c>POST /webhook</c>: takes what Spacelift signs with the secret. Nothing is read of a body before its signature is right.</summary>
internal sealed partial class WebhookEndpoint
{
    private const int LargestBody = 1 << 20;
    // Whoever sends need not have the secret: this is all the memory that anybody can take.
    private const int MostAtOnce = 16;
    // Who has not sent a body by then holds a place that others need.
    private static readonly TimeSpan LongestBody = TimeSpan.FromSeconds(10);

    private readonly SecretSource _secret;
    private readonly RunTally _tally;
    private readonly Counter _requests;
    private readonly ILogger _logger;
    private readonly Trouble _trouble = new();
    private int _now;

    /// <summary>Makes it.</summary>
    public WebhookEndpoint(SecretSource secret, RunTally tally, MetricFactory metrics, ILogger logger)
    {
        _secret = secret;
        _tally = tally;
        _logger = logger;
        _requests = metrics.CreateCounter(
            "spacelift_webhook_requests_total", "Webhook requests by result: counted, duplicate, ignored (about no run), unsigned, invalid, too_large, slow or busy", "result");
        foreach (string result in (ReadOnlySpan<string>)["counted", "duplicate", "ignored", "unsigned", "invalid", "too_large", "slow", "busy"]) _requests.WithLabels(result);
    }

    /// <summary>Answers POST.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        int now = Interlocked.Increment(ref _now);
        try
        {
            (int status, string result) = now > MostAtOnce ? (StatusCodes.Status503ServiceUnavailable, "busy") : await TakeAsync(context);
            _requests.WithLabels(result).Inc();
            context.Response.StatusCode = status;
            if (status == StatusCodes.Status204NoContent) return;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"{status} {result}\n", context.RequestAborted);
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    private async Task<(int Status, string Result)> TakeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > LargestBody) return (StatusCodes.Status413PayloadTooLarge, "too_large");
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)(context.Request.ContentLength ?? LargestBody) + 1);
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            limit.CancelAfter(LongestBody);
            int length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token);
            return length == buffer.Length && length > LargestBody
                ? (StatusCodes.Status413PayloadTooLarge, "too_large")
                : Judge(context.Request.Headers[Signature.Header].ToString(), buffer.AsSpan(0, length));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return (StatusCodes.Status408RequestTimeout, "slow");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private (int Status, string Result) Judge(string header, ReadOnlySpan<byte> body)
    {
        string? secret = _secret.Read(out string? problem);
        if (_trouble.IsNew(problem)) LogSecret(problem);
        if (secret is null || !Signature.IsOf(header, body, secret)) return (StatusCodes.Status401Unauthorized, "unsigned");
        return RunEvent.Read(body) switch
        {
            null => (StatusCodes.Status400BadRequest, "invalid"),
            { Run.Id: { Length: > 0 and <= 200 } run, State.Length: > 0 } taken => (StatusCodes.Status204NoContent, _tally.Count(run, taken) ? "counted" : "duplicate"),
            _ => (StatusCodes.Status204NoContent, "ignored"),
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The file of the webhooks' secret cannot be used; the secret from before is")]
    private partial void LogSecret(string problem);
}
