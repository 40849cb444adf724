using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>The published program, as users run it.</summary>
internal sealed class Exporter : IAsyncDisposable
{
    private readonly ServiceProcess _process;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };

    private Exporter(ServiceProcess process, int port)
    {
        _process = process;
        Target = $"127.0.0.1:{port}";
    }

    /// <summary>Its address, as Prometheus takes it.</summary>
    public string Target { get; }

    public int Pid => _process.Pid;

    public bool HasExited => _process.HasExited;

    public IReadOnlyList<string> Log => _process.Log;

    public static async Task<Exporter> StartAsync(string dockerHost, params string[] arguments)
    {
        int port = FreePort.Next();
        ServiceProcess process = await ServiceProcess.StartAsync(
            Published.Binary("bitbucket-runner-exporter"),
            ["-port", $"{port}", "-bind", "127.0.0.1", .. arguments],
            line => line.Contains("Listening", StringComparison.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_HOST"] = dockerHost });
        return new Exporter(process, port);
    }

    public Task<ScrapedText> ScrapeAsync() => ScrapedText.GetAsync(_client, new Uri($"http://{Target}/metrics"));

    /// <summary>Scrapes until the condition holds, and gives that scrape; where it never does, the last one is in the test's output.</summary>
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
            throw;
        }
    }

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

/// <summary>Names of build containers.</summary>
internal static class BuildContainer
{
    public static (string Name, (string, string)[] Labels) New()
    {
        string runner = Guid.NewGuid().ToString();
        string pipeline = Guid.NewGuid().ToString();
        return ($"{runner}_{pipeline}_build", [("runner_uuid", runner), ("pipeline_uuid", pipeline)]);
    }
}
