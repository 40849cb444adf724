using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Listening;
using CiMetrics.AlloyRunner.Profiling;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.AlloyRunner.Relay;

/// <summary>
/// Passes on what the runner's own server says, where it has one: its metrics, as they are or as a part of ours, and its
/// Go profiles. It asks only when it is asked.
/// </summary>
internal sealed class RunnerRelay : IDisposable
{
    /// <summary>Where the runner's own metrics are.</summary>
    public const string MetricsPath = "/metrics/runner";

    private const int LargestAnswer = 64 << 20;
    private const int LargestMerged = 4 << 20;

    private static readonly TimeSpan MergePatience = TimeSpan.FromSeconds(3);

    // Its command line is not among them: it may hold tokens.
    private static readonly string[] Profiles = ["allocs", "block", "goroutine", "heap", "mutex", "profile", "threadcreate", "trace"];

    private readonly Uri _server;
    private readonly Counter _failures;
    private readonly HttpClient _client;
    private readonly TimeSpan _longestProfile;
    private CancellationToken _stopping;

    /// <summary>Makes a relay.</summary>
    /// <param name="metrics">The runner's metrics.</param>
    /// <param name="longestProfile">How long a profile may take.</param>
    /// <param name="factory">Counts the answers that did not come.</param>
    public RunnerRelay(Uri metrics, TimeSpan longestProfile, MetricFactory factory)
    {
        _server = metrics;
        _longestProfile = longestProfile;
        _failures = factory.CreateCounter("runner_relay_failures_total", "Answers of the runner's own server that did not come.");
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The runner's metrics as a part of ours.</summary>
    public RelayedMetrics Merged(ServiceContext context) =>
        new(FetchTextAsync, context.Registry.StaticLabels, MergePatience, context.Metrics, context.Time);

    /// <summary>The runner's metrics as its configuration has them; null where it has no server.</summary>
    public static Uri? Of(RunnerConfig? config)
    {
        if (config?.MetricsServer is not { } text || !MetricsServerAddress.TryParse(text, out ListenAddress? address) || address is null) return null;
        string host = address.Host is "" or "0.0.0.0" ? "127.0.0.1" : address.Host is "::" ? "[::1]" : address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host;
        return new Uri($"http://{host}:{address.Port}/metrics");
    }

    /// <summary>Adds the endpoints to a service; those of profiles only where there is a rule for who may take them.</summary>
    public void AddTo(ServiceContext context, PprofAccess? access, bool hasOwnAccess)
    {
        _stopping = context.Stopping;
        context.Map(MetricsPath, request => RelayAsync(request, _server, TimeSpan.FromSeconds(10)), HttpMethods.Get);
        context.AddLink(MetricsPath, "the runner's own metrics");
        if (access is null) return;
        foreach (string profile in Profiles)
        {
            RequestDelegate guarded = request => access.Refusal(request) is { } refusal
                ? AnswerAsync(request, refusal.Status, refusal.Reason)
                : RelayAsync(request, new Uri(_server, "/debug/pprof/" + profile + request.Request.QueryString), _longestProfile + TimeSpan.FromSeconds(10));
            if (hasOwnAccess) context.MapWithOwnAccess(PprofEndpoints.Root + "runner/" + profile, guarded, HttpMethods.Get);
            else context.Map(PprofEndpoints.Root + "runner/" + profile, guarded, HttpMethods.Get);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task RelayAsync(HttpContext context, Uri source, TimeSpan patience)
    {
        // The end of the service does not wait for the end of the runner's profile.
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
        limit.CancelAfter(patience);
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(source, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            // Whole or not at all: half of it would look like a runner with fewer series.
            byte[] body = await ReadAsync(answer.Content, LargestAnswer, limit.Token);
            if (!answer.IsSuccessStatusCode) _failures.Inc();
            context.Response.StatusCode = answer.IsSuccessStatusCode ? StatusCodes.Status200OK : StatusCodes.Status502BadGateway;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString() ?? "application/octet-stream";
            context.Response.ContentLength = body.Length;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !context.RequestAborted.IsCancellationRequested))
        {
            _failures.Inc();
            await AnswerAsync(context, StatusCodes.Status502BadGateway, "the runner's own server did not answer");
        }
    }

    private async Task<byte[]> FetchTextAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, _server);
            request.Headers.TryAddWithoutValidation("Accept", "text/plain;version=0.0.4");
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answer.EnsureSuccessStatusCode();
            if (answer.Content.Headers.ContentType is { MediaType: not "text/plain" }) throw new IOException("the answer is of another type");
            return await ReadAsync(answer.Content, LargestMerged, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            _failures.Inc();
            throw;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, int largest, CancellationToken cancellationToken)
    {
        await using Stream stream = await content.ReadAsStreamAsync(cancellationToken);
        using MemoryStream body = new();
        byte[] buffer = new byte[64 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (body.Length + read > largest) throw new IOException("the answer is too large");
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    private static Task AnswerAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers["X-Go-Pprof"] = "1";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }
}
