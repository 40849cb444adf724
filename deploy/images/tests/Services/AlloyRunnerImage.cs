using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class AlloyRunnerImage() : ImageTests("alloy-runner-metrics")
{
    [Test]
    public async Task It_keeps_its_counters_in_a_volume()
    {
        using TempFolder logs = new();
        File.SetUnixFileMode(logs.Path, (UnixFileMode)0b111_101_101);
        string log = logs.Write("runner.log", "");
        File.SetUnixFileMode(log, (UnixFileMode)0b110_100_100);
        int port = FreePort.Next();
        foreach (int run in (int[])[1, 2])
        {
            await File.AppendAllTextAsync(log, $"Checking for jobs... received                      job={run} repo_url=http://ci.example/p.git runner=shelltok\n");
            RunningImage observer = await RunningImage.StartAsync(
                Image, port, ["--pid", "host", "-v", "alloy-state:/state", "-v", $"{logs.Path}:/logs:ro", "-e", $"METRICS_SERVER=127.0.0.1:{port}"],
                "--log-file", "/logs/runner.log", "--process-name", "no-such-runner");
            await observer.ShowsAsync(
                scraped => scraped.Value("runner_jobs_started_total", ("runner", "shelltok")) is { } jobs && jobs == run, "the volume to outlive the container");
            await observer.MeasureAsync();
            await observer.StopAsync();
        }
    }
}
