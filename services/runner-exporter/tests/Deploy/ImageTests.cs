using System.Globalization;
using CiMetrics.RunnerExporter.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Deploy;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "bitbucket-runner-exporter";

    private static string Dockerfile { get; } = Repository.PathOf("services", "runner-exporter", "Dockerfile");

    [Test]
    public async Task The_image_runs_without_root_capabilities_or_a_writable_root_and_is_healthy()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        StandInImages images = new(engine, Dockerfile);
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "bitbucket-runner-exporter", "services/runner-exporter/src");

        Assert.That(await engine.DockerAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}}", Image), Is.EqualTo("1654 [/usr/bin/bitbucket-runner-exporter]"));
        Assert.That(await engine.DockerAsync("run", "--rm", "--network", "none", Image, "-version"), Does.Contain("bitbucket-runner-exporter"));

        int port = FreePort.Next();
        string group = await GroupOfAsync(engine.Socket);
        await engine.DockerAsync(
            "run", "-d", "--name", "exporter", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp",
            "--group-add", group, "-v", $"{engine.Socket}:/var/run/docker.sock", "--pid=host", "-v", "/sys/fs/cgroup:/host/cgroup:ro",
            "-e", $"BITBUCKET_RUNNER_EXPORTER__PORT={port}", Image, "-path.cgroupfs=/host/cgroup");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await engine.RunAsync(name, "while :; do :; done", "--cpus", "0.1");
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        await Eventually.TrueAsync(
            async () => (await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"))).Value("bitbucket_agent_build_cpu_seconds_total", labels) > 0,
            "a build's figures from inside the image");
        // What HEALTHCHECK runs, with the environment that the container has.
        await engine.DockerAsync("exec", "exporter", "/usr/bin/bitbucket-runner-exporter", "healthcheck");
        await engine.DockerAsync("stop", "-t", "20", "exporter");
        Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "exporter"), Is.EqualTo("0"));
    }

    private static async Task<string> GroupOfAsync(string path)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync("/usr/bin/stat", ["-c", "%g", path]);
        Assert.That(exitCode, Is.Zero, output);
        return int.Parse(output, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
