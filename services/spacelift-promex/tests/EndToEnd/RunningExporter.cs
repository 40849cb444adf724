using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>The published program, as users run it.</summary>
internal sealed class RunningExporter : IAsyncDisposable
{
    public const string Key = "01HXKEY";

    private readonly ServiceProcess _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly FakeSpacelift _api;

    private RunningExporter(ServiceProcess process, int port, FakeSpacelift api)
    {
        _process = process;
        _api = api;
        Target = $"127.0.0.1:{port}";
    }

    public string Target { get; }

    public int Pid => _process.Pid;

    public string Log => string.Join('\n', _process.Log);

    /// <summary>Starts it before an API; what was fetched is fetched again for every scrape, unless told otherwise.</summary>
    public static Task<RunningExporter> StartAsync(FakeSpacelift api, params string[] arguments) => StartAsync(api, "-s", api.Secret, arguments);

    /// <summary>As above, with the secret in a file.</summary>
    public static Task<RunningExporter> StartWithSecretFileAsync(FakeSpacelift api, string file, params string[] arguments) => StartAsync(api, "--api-key-secret-file", file, arguments);

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        ServiceProcess.RunAsync(Published.Binary("spacelift-promex"), arguments);

    public Task WaitForAsync(string text) => _process.WaitForAsync(line => line.Contains(text, StringComparison.Ordinal));

    public async Task<(int Status, string Body)> GetAsync(string path = "/metrics", string? timeout = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://{Target}{path}");
        if (timeout is not null) request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", timeout);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.That(body, Does.Not.Contain(_api.Secret).And.Not.Contain("token-"), "neither the secret nor a token is on a page");
        return ((int)answer.StatusCode, body);
    }

    /// <summary>Sends a body.</summary>
    public async Task<int> PostAsync(string path, byte[] body, string? signature = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://{Target}{path}") { Content = new ByteArrayContent(body) };
        if (signature is not null) request.Headers.Add("X-Signature-256", signature);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>Scrapes; the scrape must work.</summary>
    public async Task<ScrapedText> ScrapeAsync(string path = "/metrics")
    {
        (int status, string body) = await GetAsync(path);
        Assert.That(status, Is.EqualTo(200), body);
        return new ScrapedText(body);
    }

    /// <summary>Scrapes until a text is there.</summary>
    public async Task<ScrapedText> ScrapeUntilAsync(Func<ScrapedText, bool> condition, string path = "/metrics")
    {
        ScrapedText? last = null;
        await Eventually.TrueAsync(async () => condition(last = await ScrapeAsync(path)), "what a scrape is to show");
        return last!;
    }

    public async ValueTask DisposeAsync()
    {
        // For every test: neither the secret nor a token is ever shown.
        string log = Log;
        _client.Dispose();
        await _process.DisposeAsync();
        await TestContext.Out.WriteLineAsync(log);
        Assert.That(log, Does.Not.Contain(_api.Secret).And.Not.Contain("token-"));
    }

    private static async Task<RunningExporter> StartAsync(FakeSpacelift api, string secretOption, string secret, string[] arguments)
    {
        int port = FreePort.Next();
        string[] eachTime = arguments.Any(word => word.StartsWith("--min-refresh", StringComparison.Ordinal)) ? [] : ["--min-refresh=0"];
        ServiceProcess process = await ServiceProcess.StartAsync(
            Published.Binary("spacelift-promex"),
            ["serve", "-e", api.Url, "-k", Key, secretOption, secret, "-l", $"127.0.0.1:{port}", "--log.level=debug", .. eachTime, .. arguments],
            line => line.Contains("Listening", StringComparison.Ordinal));
        return new RunningExporter(process, port, api);
    }
}
