using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "github-runner-metrics";

    [Test]
    public async Task The_image_keeps_its_totals_in_a_volume_without_root_capabilities_or_a_writable_root()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        StandInImages images = new(engine, Repository.PathOf("services", "runner-metrics", "github", "Dockerfile"));
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "github-runner-metrics", "services/runner-metrics/github/src");
        using TempFolder folder = new();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        runner.Start(Story.At(0));
        runner.Run(new SimulatedJob(), Story.At(1), Story.At(2));

        int port = FreePort.Next();
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        foreach (int run in (int[])[1, 2])
        {
            await engine.DockerAsync(
                "run", "-d", "--name", "exporter", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp",
                "-v", "state:/state", "-v", $"{runner.Folder}:/runner:ro", "-e", $"GITHUB_RUNNER_METRICS__WEB_LISTEN_ADDRESS=127.0.0.1:{port}", Image, "serve", "--runner-dir=/runner");
            await Eventually.TrueAsync(
                async () => (await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"))).Value("github_runner_jobs_total", ("status", "success")) == 1, "the job from inside the image");
            await engine.DockerAsync("exec", "exporter", "/usr/bin/github-runner-metrics", "healthcheck");
            await engine.DockerAsync("stop", "-t", "20", "exporter");
            Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "exporter"), Is.EqualTo("0"));
            await engine.DockerAsync("rm", "exporter");
            // What the first one has counted is there without the log that told of it.
            if (run == 1) File.Delete(Directory.GetFiles(runner.Diag, "Runner_*").Single());
        }
    }
}
