using System.Globalization;
using CiMetrics.Images.Tests.Bases;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class RunnerExporterImage() : ImageTests("bitbucket-runner-exporter")
{
    [Test]
    public async Task It_watches_builds_through_the_engines_socket_and_the_hosts_cgroups()
    {
        int port = FreePort.Next();
        string group = int.Parse(await Tool.RunAsync("stat", "-c", "%g", Workshop.Engine.Socket), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        RunningImage exporter = await RunningImage.StartAsync(
            Image, port,
            ["--tmpfs", "/tmp", "--group-add", group, "-v", $"{Workshop.Engine.Socket}:/var/run/docker.sock", "--pid=host", "-v", "/sys/fs/cgroup:/host/cgroup:ro",
             "-e", $"BITBUCKET_RUNNER_EXPORTER__PORT={port}"],
            "-path.cgroupfs=/host/cgroup");
        (string runner, string pipeline) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        await Workshop.Engine.RunAsync($"{runner}_{pipeline}_build", "while :; do :; done", "--cpus", "0.1");
        await exporter.ShowsAsync(
            scraped => scraped.Value("bitbucket_agent_build_cpu_seconds_total", ("runner_uuid", runner), ("pipeline_uuid", pipeline)) > 0, "a build's figures from inside the image");
        await exporter.MeasureAsync();
        await exporter.StopAsync();
    }
}
