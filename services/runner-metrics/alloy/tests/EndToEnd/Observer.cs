using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>The published program beside a log and, where there is one, a fake runner.</summary>
internal sealed class Observer : IAsyncDisposable
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(60) };

    private Observer(ServiceProcess process, int port)
    {
        Process = process;
        Port = port;
    }

    public static string Binary => Published.Binary("alloy-runner-metrics");

    public ServiceProcess Process { get; }

    public int Port { get; }

    /// <summary>Starts it on files below a folder and waits until it listens.</summary>
    public static async Task<Observer> StartAsync(TempFolder folder, int? runner = null, params string[] arguments)
    {
        int port = FreePort.Next();
        string[] process = runner is { } pid ? ["--pid-file", folder.Write("runner.pid", $"{pid}\n")] : arguments.Contains("--process-name") ? [] : ["--process-name", "no-such-runner"];
        string[] log = arguments.Any(argument => argument.StartsWith("--log-", StringComparison.Ordinal) && argument != "--log-from") || arguments.Contains("--process-name") ? [] : ["--log-file", folder.PathOf("runner.log")];
        string[] docker = arguments.Any(argument => argument.StartsWith("--docker", StringComparison.Ordinal)) ? [] : ["--docker.watch=off"];
        ServiceProcess service = await ServiceProcess.StartAsync(
            Binary,
            [
                "run", "--config", folder.PathOf("config.toml"), "--metrics-server", $"127.0.0.1:{port}", "--state-dir", folder.PathOf("state"),
                "--machine-store", folder.PathOf("machine"), "--busy-interval", "100ms", "--idle-interval", "100ms", .. process, .. log, .. docker, .. arguments,
            ],
            line => line.Contains("msg=Listening", StringComparison.Ordinal) || line.Contains("msg=\"Listening\"", StringComparison.Ordinal));
        Observer observer = new(service, port);
        try
        {
            await Eventually.TrueAsync(observer.IsReadyAsync, "the log to be read up to its end");
            return observer;
        }
        catch
        {
            await observer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether <c>/-/ready</c> says so.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri($"http://127.0.0.1:{Port}/-/ready"));
        return answer.IsSuccessStatusCode;
    }

    public Task<string> GetAsync(string path) => Client.GetStringAsync(new Uri($"http://127.0.0.1:{Port}{path}"));

    public async Task<ScrapedText> ScrapeAsync() => new(await GetAsync("/metrics"));

    /// <summary>Scrapes until the condition holds, and gives that scrape.</summary>
    public async Task<ScrapedText> ScrapeUntilAsync(Func<ScrapedText, bool> condition, string what)
    {
        ScrapedText? last = null;
        try
        {
            return await Eventually.GetAsync(async () => condition(last = await ScrapeAsync()) ? last : null, what);
        }
        catch (AssertionException)
        {
            await TestContext.Out.WriteLineAsync(last?.Text);
            await TestContext.Out.WriteLineAsync(string.Join('\n', Process.Log));
            throw;
        }
    }

    public async Task<int> StopAsync()
    {
        Process.Signal(Signals.Terminate);
        return await Process.WaitForExitAsync();
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
