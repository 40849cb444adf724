using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class GitHubRunnerImage() : ImageTests("github-runner-metrics")
{
    [Test]
    public async Task It_keeps_its_totals_in_a_volume()
    {
        using TempFolder folder = new();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        DateTimeOffset start = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        runner.Start(start);
        runner.Run(new SimulatedJob(), start.AddSeconds(1), start.AddSeconds(2));
        int port = FreePort.Next();
        foreach (int run in (int[])[1, 2])
        {
            RunningImage exporter = await RunningImage.StartAsync(
                Image, port,
                ["--tmpfs", "/tmp", "-v", "github-state:/state", "-v", $"{runner.Folder}:/runner:ro", "-e", $"GITHUB_RUNNER_METRICS__WEB_LISTEN_ADDRESS=127.0.0.1:{port}"],
                "serve", "--runner-dir=/runner");
            await exporter.ShowsAsync(scraped => scraped.Value("github_runner_jobs_total", ("status", "success")) == 1, "the job from inside the image");
            await exporter.MeasureAsync();
            await exporter.StopAsync();
            // What the first one has counted is there without the log that told of it.
            if (run == 1) File.Delete(Directory.GetFiles(runner.Diag, "Runner_*").Single());
        }
    }
}
