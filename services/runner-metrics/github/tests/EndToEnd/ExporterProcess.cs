using System.Security.Cryptography;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>The published program, as users run it, with a webhook where it is asked for.</summary>
internal sealed class ExporterProcess : IAsyncDisposable
{
    public const string Secret = "It's a Secret to Everybody";

    private readonly ServiceProcess _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly int _port;
    private readonly int _webhook;

    private ExporterProcess(ServiceProcess process, int port, int webhook) => (_process, _port, _webhook) = (process, port, webhook);

    public int Pid => _process.Pid;

    public string Target => $"127.0.0.1:{_port}";

    public IReadOnlyList<string> Log => _process.Log;

    public Uri Url(string path) => new($"http://{Target}{path}");

    public static Task<ExporterProcess> StartAsync(TempFolder folder, bool hasWebhook, params string[] arguments) => StartAsync(folder, hasWebhook, environment: [], arguments);

    /// <summary>Starts it with more in its environment than the test's own.</summary>
    public static Task<ExporterProcess> StartAsync(TempFolder folder, bool hasWebhook, Dictionary<string, string> environment, params string[] arguments) =>
        StartAsync(folder, hasWebhook, environment, waitsForLogs: true, arguments);

    /// <summary>Starts it and does not wait until it has read the logs.</summary>
    public static Task<ExporterProcess> StartListeningAsync(TempFolder folder, params string[] arguments) =>
        StartAsync(folder, hasWebhook: false, environment: [], waitsForLogs: false, arguments);

    private static async Task<ExporterProcess> StartAsync(TempFolder folder, bool hasWebhook, Dictionary<string, string> environment, bool waitsForLogs, string[] arguments)
    {
        int port = FreePort.Next(), webhook = FreePort.Next();
        string secret = folder.Write("secret", Secret + "\n");
        string[] own = hasWebhook ? [$"--webhook-listen=127.0.0.1:{webhook}", "--webhook-secret-file", secret] : [];
        ServiceProcess process = await ServiceProcess.StartAsync(
            Published.Binary("github-runner-metrics"),
            ["serve", $"--web.listen-address=127.0.0.1:{port}", "--state-dir", folder.PathOf("state"), "--process-interval=100ms", .. own, .. arguments],
            line => line.Contains("Listening", StringComparison.Ordinal),
            environment);
        ExporterProcess exporter = new(process, port, webhook);
        // Scrapes are refused until the logs have been read to their end.
        if (waitsForLogs) await Eventually.TrueAsync(async () => (await exporter.GetAsync("/-/ready")).Status == 200, "the end of the logs");
        return exporter;
    }

    public Task<ScrapedText> ScrapeAsync() => ScrapedText.GetAsync(_client, Url("/metrics"));

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await _client.GetAsync(Url(path));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Waits until a scrape shows a value.</summary>
    public Task UntilAsync(string name, double value, params (string Name, string Value)[] labels) =>
        Eventually.TrueAsync(async () => (await ScrapeAsync()).All(name, labels).Sum(sample => sample.Value) == value, $"{name} {value}");

    /// <summary>Delivers an event as GitHub does.</summary>
    public async Task<int> DeliverAsync(string body, string? delivery = null, string? signature = null, string path = "/webhook", string type = "workflow_job")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"http://127.0.0.1:{_webhook}{path}")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-GitHub-Event", type);
        request.Headers.Add("X-GitHub-Delivery", delivery ?? Guid.NewGuid().ToString());
        request.Headers.Add("X-Hub-Signature-256", signature ?? Sign(body));
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    public static string Sign(string body) => "sha256=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body))).ToLowerInvariant();

    public void Signal(int signal) => _process.Signal(signal);

    public Task<int> WaitForExitAsync() => _process.WaitForExitAsync();

    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(string.Join('\n', _process.Log));
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
