using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.State;
using CiMetrics.GitHubRunner.Webhooks;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Rest;

/// <summary>
/// Asks GitHub about jobs that have ended here and that no webhook has told of: one call for each, within a budget.
/// </summary>
internal sealed partial class RestSource : IDisposable
{
    private const int LargestAnswer = 4 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Uri _api;
    private readonly Func<string?> _token;
    private readonly TimeSpan _patience;
    private readonly CallBudget _budget;
    private readonly FleetMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, Counter.Child> _calls;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(15),
        MaxResponseContentBufferSize = LargestAnswer,
    };

    /// <summary>Makes it.</summary>
    /// <param name="api">The API's address.</param>
    /// <param name="token">The token at this moment.</param>
    /// <param name="patience">How long a webhook may take to tell of an end.</param>
    /// <param name="perHour">The most calls in an hour.</param>
    /// <param name="monitor">Says what to ask, and gets the answers.</param>
    /// <param name="metrics">Where calls are counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of failures.</param>
    public RestSource(Uri api, Func<string?> token, TimeSpan patience, long perHour, FleetMonitor monitor, MetricFactory metrics, TimeProvider time, ILogger logger)
    {
        (_api, _token, _patience, _monitor, _time, _logger) = (api, token, patience, monitor, time, logger);
        _budget = new CallBudget(perHour, time);
        Counter calls = metrics.CreateCounter("github_runner_api_calls_total", "Calls to GitHub's API by what became of them, since the exporter started.", "result");
        _calls = Results.ToDictionary(result => result, result => calls.WithLabels(result), StringComparer.Ordinal);
    }

    /// <summary>The values of the label.</summary>
    public static IReadOnlyList<string> Results { get; } = ["ok", "refused", "limited", "failed"];

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(Interval, _time, stopping);
            DateTimeOffset before = _time.GetUtcNow() - _patience;
            JobRecord? next = _monitor.Write(state => state.Unheard.FirstOrDefault(record => record.Touched <= before)).Result;
            if (next?.Identity is not { } identity || !_budget.TryTake()) continue;
            (string result, IReadOnlyList<ApiJob> jobs) = await AskAsync(identity, stopping);
            _calls[result].Inc();
            // What cannot be asked now can be asked later, unless GitHub says that it never can.
            if (result is "failed" or "limited") continue;
            _monitor.Write(state =>
            {
                next.IsAsked = true;
                foreach (ApiJob job in jobs.Where(job => job.Runner == next.Runner)) state.Apply(new Fact.Api(job));
                return true;
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<(string Result, IReadOnlyList<ApiJob> Jobs)> AskAsync(JobIdentity identity, CancellationToken stopping)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"repos/{Escaped(identity.Repository)}/actions/runs/{identity.RunId}/attempts/{identity.Attempt}/jobs?per_page=100");
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(_api, path));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("github-runner-metrics", null));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
        if (_token() is { Length: > 0 } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, stopping);
            if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests && Pause(response) is { } pause)
            {
                _budget.Pause(pause);
                LogLimited(pause);
                return ("limited", []);
            }
            if (!response.IsSuccessStatusCode)
            {
                LogRefused((int)response.StatusCode);
                return ((int)response.StatusCode >= 500 ? "failed" : "refused", []);
            }
            return ("ok", Read(await response.Content.ReadAsByteArrayAsync(stopping), identity));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            LogFailed(exception.Message);
            _budget.Pause(TimeSpan.FromSeconds(10));
            return ("failed", []);
        }
    }

    private List<ApiJob> Read(byte[] body, JobIdentity identity)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("jobs", out JsonElement jobs) || jobs.ValueKind != JsonValueKind.Array) return [];
        DateTimeOffset now = _time.GetUtcNow();
        return [.. jobs.EnumerateArray().Select(job => JobPayload.ReadJob(job, identity.Repository, null, now)).OfType<ApiJob>()];
    }

    private TimeSpan? Pause(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter?.Delta is { } delta) return Bounded(delta);
        bool isUsedUp = response.Headers.TryGetValues("X-RateLimit-Remaining", out IEnumerable<string>? left) && left.First() == "0";
        if (isUsedUp && response.Headers.TryGetValues("X-RateLimit-Reset", out IEnumerable<string>? reset) && long.TryParse(reset.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long at) && at < 1L << 40)
            return Bounded(DateTimeOffset.FromUnixTimeSeconds(at) - _time.GetUtcNow());
        return response.StatusCode == HttpStatusCode.TooManyRequests || isUsedUp ? TimeSpan.FromMinutes(1) : null;
    }

    private static TimeSpan Bounded(TimeSpan pause) => TimeSpan.FromSeconds(Math.Clamp(pause.TotalSeconds, 1, 3600));

    // The name comes from a log that jobs can write: it must not lead elsewhere.
    private static string Escaped(string repository) => string.Join('/', repository.Split('/').Select(part => part is "." or ".." ? "_" : Uri.EscapeDataString(part)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub asks for a pause")]
    private partial void LogLimited(TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub did not answer as it should")]
    private partial void LogRefused(int status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub cannot be asked; trying again")]
    private partial void LogFailed(string reason);
}
