using System.Diagnostics;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Bench;

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

    /// <summary>From the start of the process to the first answer.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Starts it and waits until it shows that many builds with their figures.</summary>
    public static async Task<RunningExporter> StartAsync(string program, string dockerHost, int builds, params (string Name, string Value)[] environment)
    {
        int port = FreePort.Next();
        ProcessStartInfo start = new(program, ["-port", $"{port}", "-bind", "127.0.0.1", "--log.level=error"]) { UseShellExecute = false };
        start.Environment["DOCKER_HOST"] = dockerHost;
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        long begun = Stopwatch.GetTimestamp();
        RunningExporter exporter = new(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"), port);
        bool answered = false;
        while (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromMinutes(1))
        {
            try
            {
                string text = await exporter.ScrapeAsync();
                if (!answered) exporter.StartTime = Stopwatch.GetElapsedTime(begun);
                answered = true;
                if (text.Split('\n').Count(line => line.StartsWith("bitbucket_agent_build_cpu_usage_cores{", StringComparison.Ordinal)) == builds) return exporter;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(10);
        }

        exporter.Dispose();
        throw new InvalidOperationException($"the exporter did not show {builds} builds within a minute");
    }

    public Task<string> ScrapeAsync() => _client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    /// <summary>Processor time so far; the kernel counts in ticks of 10 ms.</summary>
    public TimeSpan CpuTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>A line of <c>/proc/PID/status</c> in MB: VmRSS, RssAnon, RssFile, RssShmem.</summary>
    public double Megabytes(string line) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(text => text.StartsWith($"{line}:", StringComparison.Ordinal))
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
