using System.Globalization;
using System.Net;
using System.Text.Json;
using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.State;
using CiMetrics.GitHubRunner.Webhooks;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Rest;

/// <summary>
/// Asks GitHub about what no other source tells: how jobs ended and how long they waited, and when the commit was made
/// that a deployment brought out. One thing at a time, within a budget of calls.
/// </summary>
internal sealed partial class RestSource : IDisposable
{
    private const int PageSize = 100;

    // A run has at most some hundreds of jobs.
    private const int MostPages = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ApiClient _client;
    private readonly TimeSpan _patience;
    private readonly CallBudget _budget;
    private readonly FleetMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<string, Counter.Child> _calls;
    private string? _elsewhere;

    /// <summary>Makes it.</summary>
    /// <param name="client">Makes the calls.</param>
    /// <param name="patience">How long a webhook may take to tell of an end.</param>
    /// <param name="budget">The calls that may be made.</param>
    /// <param name="monitor">Says what to ask, and gets the answers.</param>
    /// <param name="metrics">Where calls are counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of failures.</param>
    public RestSource(ApiClient client, TimeSpan patience, CallBudget budget, FleetMonitor monitor, MetricFactory metrics, TimeProvider time, ILogger logger)
    {
        (_client, _patience, _budget, _monitor, _time, _logger) = (client, patience, budget, monitor, time, logger);
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
            await StepAsync(stopping);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Asks one thing, if there is one and a call may be made.</summary>
    internal async Task StepAsync(CancellationToken stopping)
    {
        if (_monitor.Write(state => state.NextQuestion(_patience)).Result is not { } question) return;
        if (!_client.IsAt(question.Api))
        {
            // A hook's file is a job's word: the token goes where the settings say and nowhere else.
            if (_elsewhere != question.Api) LogElsewhere(question.Api!, _client.Address);
            _elsewhere = question.Api;
            _monitor.Write(state => Unanswered(state, question, isForGood: true));
            return;
        }
        if (!_budget.TryTake()) return;
        string path = string.Create(CultureInfo.InvariantCulture, $"repos/{Escaped(question.Repository)}/actions/runs/{question.RunId}");
        if (question.Kind == QuestionKind.Commit) await AskCommitAsync(question, path, stopping);
        else await AskJobsAsync(question, path, stopping);
    }

    private async Task AskCommitAsync(Question question, string path, CancellationToken stopping)
    {
        if (await GetAsync(question, path, body => CommitTime(body), stopping) is not { } answer) return;
        _monitor.Write(state =>
        {
            state.Answer(question, answer.Committed);
            return true;
        });
    }

    private async Task AskJobsAsync(Question question, string path, CancellationToken stopping)
    {
        List<ApiJob> jobs = [];
        for (int page = 1; page <= MostPages; page++)
        {
            while (page > 1 && !_budget.TryTake()) await Task.Delay(Interval, _time, stopping);
            string next = string.Create(CultureInfo.InvariantCulture, $"{path}/attempts/{question.Attempt}/jobs?per_page={PageSize}&page={page}");
            if (await GetAsync(question, next, body => Jobs(body, question.Repository), stopping) is not { } answer) return;
            jobs.AddRange(answer.Jobs);
            if (answer.Count < PageSize) break;
        }
        _monitor.Write(state =>
        {
            state.Answer(question, jobs);
            return true;
        });
    }

    // Null: there was no answer, and that was noted.
    private async Task<T?> GetAsync<T>(Question question, string path, Func<JsonElement, T> read, CancellationToken stopping)
        where T : class
    {
        (string result, bool isForGood, T? answer) = await TryGetAsync(path, read, stopping);
        _calls[result].Inc();
        // A pause is nobody's failure: what was asked is asked again after it.
        if (result is "failed" or "refused") _monitor.Write(state => Unanswered(state, question, isForGood));
        return answer;
    }

    private async Task<(string Result, bool IsForGood, T? Answer)> TryGetAsync<T>(string path, Func<JsonElement, T> read, CancellationToken stopping)
        where T : class
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(path, stopping);
            byte[] body = await response.Content.ReadAsByteArrayAsync(stopping);
            if (RateLimit.PauseOf(response, body, _time.GetUtcNow()) is { } pause)
            {
                _budget.Pause(pause);
                LogLimited(pause);
                if (!response.IsSuccessStatusCode) return ("limited", false, null);
            }
            if (!response.IsSuccessStatusCode)
            {
                LogRefused((int)response.StatusCode, path);
                // A token that is not accepted can be replaced; GitHub shuts out who goes on trying.
                if (response.StatusCode == HttpStatusCode.Unauthorized) _budget.Pause(TimeSpan.FromMinutes(1));
                bool isRefused = (int)response.StatusCode < 500;
                return (isRefused ? "refused" : "failed", isRefused && response.StatusCode != HttpStatusCode.Unauthorized, null);
            }
            using JsonDocument document = JsonDocument.Parse(body);
            return ("ok", false, read(document.RootElement));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            LogFailed(exception.Message);
            _budget.Pause(TimeSpan.FromSeconds(10));
            return ("failed", false, null);
        }
    }

    private PageOfJobs Jobs(JsonElement root, string repository)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("jobs", out JsonElement jobs) || jobs.ValueKind != JsonValueKind.Array) return new PageOfJobs(0, []);
        DateTimeOffset now = _time.GetUtcNow();
        return new PageOfJobs(jobs.GetArrayLength(), [.. jobs.EnumerateArray().Select(job => JobPayload.ReadJob(job, repository, null, now)).OfType<ApiJob>()]);
    }

    private static CommitOfRun CommitTime(JsonElement root) => new(
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("head_commit", out JsonElement commit) && commit.ValueKind == JsonValueKind.Object
        && commit.TryGetProperty("timestamp", out JsonElement time) && time.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(time.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset committed)
            ? committed
            : null);

    private static bool Unanswered(FleetState state, Question question, bool isForGood)
    {
        state.Unanswered(question, isForGood);
        return true;
    }

    // The name comes from a log that jobs can write: it must not lead elsewhere.
    private static string Escaped(string repository) => string.Join('/', repository.Split('/').Select(part => part is "." or ".." ? "_" : Uri.EscapeDataString(part)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub asks for a pause")]
    private partial void LogLimited(TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub did not answer as it should")]
    private partial void LogRefused(int status, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "GitHub cannot be asked; trying again")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hooks tell of jobs at another address than the API's (--github-api-url): GitHub is not asked about them")]
    private partial void LogElsewhere(string jobs, Uri api);

    private sealed record PageOfJobs(int Count, IReadOnlyList<ApiJob> Jobs);

    private sealed record CommitOfRun(DateTimeOffset? Committed);
}
