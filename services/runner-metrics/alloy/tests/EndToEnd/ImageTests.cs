using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "alloy-runner-metrics";

    [Test]
    public async Task The_image_keeps_its_counters_in_a_volume_without_root_capabilities_or_a_writable_root()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        StandInImages images = new(engine, Repository.PathOf("services", "runner-metrics", "alloy", "Dockerfile"));
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "alloy-runner-metrics", "services/runner-metrics/alloy/src");
        Assert.That(
            await engine.DockerAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Volumes}} {{.Config.ExposedPorts}}", Image),
            Is.EqualTo("1654 [/usr/bin/alloy-runner-metrics run] map[/state:{}] map[9252/tcp:{}]"));

        using TempFolder logs = new();
        File.SetUnixFileMode(logs.Path, (UnixFileMode)0b111_101_101);
        string log = logs.Write("runner.log", "");
        File.SetUnixFileMode(log, (UnixFileMode)0b110_100_100);
        int port = FreePort.Next();
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        foreach (int run in new[] { 1, 2 })
        {
            await File.AppendAllTextAsync(log, $"Checking for jobs... received                      job={run} repo_url=http://ci.example/p.git runner=shelltok\n");
            await engine.DockerAsync(
                "run", "-d", "--name", "observer", "--network", "host", "--pid", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "-v", "alloy-state:/state", "-v", $"{logs.Path}:/logs:ro", "-e", $"METRICS_SERVER=127.0.0.1:{port}", Image, "--log-file", "/logs/runner.log", "--process-name", "no-such-runner");
            await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/-/ready"))).IsSuccessStatusCode, "the observer in its image");
            // What HEALTHCHECK runs, with the environment that the container has.
            await engine.DockerAsync("exec", "observer", "/usr/bin/alloy-runner-metrics", "healthcheck");
            await Eventually.TrueAsync(
                async () => (await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"))).Value("runner_jobs_started_total", ("runner", "shelltok")) is { } jobs && jobs == run,
                "the volume to outlive the container");
            await engine.DockerAsync("stop", "-t", "20", "observer");
            Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "observer"), Is.EqualTo("0"));
            await engine.DockerAsync("rm", "observer");
        }
    }
}
