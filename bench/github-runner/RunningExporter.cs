using System.Diagnostics;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Bench;

/// <summary>A running exporter, what it answers, and what the kernel says of it.</summary>
internal sealed class RunningExporter : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private RunningExporter(Process process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    public static async Task<RunningExporter> StartAsync(string runner, string state)
    {
        int port = FreePort.Next();
        ProcessStartInfo start = new(
            Repository.PathOf("artifacts", "publish", "github-runner-metrics", "github-runner-metrics"),
            ["serve", "--runner-dir", runner, "--state-dir", state, $"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
        {
            UseShellExecute = false,
        };
        RunningExporter exporter = new(Process.Start(start) ?? throw new InvalidOperationException("the exporter did not start"), port);
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(1);)
        {
            try
            {
                await exporter.ScrapeAsync();
                return exporter;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
                await Task.Delay(10);
            }
        }
        exporter.Dispose();
        throw new InvalidOperationException("the exporter did not answer within a minute");
    }

    public Task<string> ScrapeAsync() => _client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    /// <summary>Ended jobs.</summary>
    public async Task<double> JobsAsync() => new ScrapedText(await ScrapeAsync()).All("github_runner_jobs_total").Sum(sample => sample.Value);

    public TimeSpan CpuTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Resident memory, in MB.</summary>
    public double ResidentMegabytes() => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(text => text.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(text => double.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024)
        .Single();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }
}
