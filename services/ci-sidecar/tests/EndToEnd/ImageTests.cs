using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "ci-sidecar";

    [Test]
    public async Task The_image_takes_a_file_that_root_wrote_without_capabilities_or_a_writable_root()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        await using HttpFaultProxy receiver = HttpFaultProxy.Start(null);
        StandInImages images = new(engine, Repository.PathOf("services", "ci-sidecar", "Dockerfile"));
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "exporter", "services/ci-sidecar/src");
        Assert.That(
            await engine.DockerAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Volumes}}", Image),
            Is.EqualTo("1654 [/usr/bin/exporter] map[/spool:{}]"));

        // As a build container leaves it: the folder is root's, and the sidecar is not.
        using TempFolder builds = new();
        File.SetUnixFileMode(builds.Path, (UnixFileMode)0b111_101_101);
        string file = builds.Write("metrics.json", """{"id":"before","name":"build"}""");
        await RunAsync();
        await Eventually.TrueAsync(() => receiver.Requests.Count == 1, "the file to be sent");
        Assert.That(await StopAsync(), Is.EqualTo("0"));

        // The spool's volume remembers what was taken and cannot be removed.
        await RunAsync();
        builds.Write("metrics.json.new", """{"id":"after","name":"build"}""");
        File.Move(builds.PathOf("metrics.json.new"), file, overwrite: true);
        await Eventually.TrueAsync(() => receiver.Requests.Any(request => request.Headers["Idempotency-Key"] == "after"), "the next file to be sent");
        Assert.That(await StopAsync(), Is.EqualTo("0"));
        Assert.That(receiver.Requests.Select(request => request.Headers["Idempotency-Key"]), Is.EqualTo(["before", "after"]));

        Task<string> RunAsync() => engine.DockerAsync(
            "run", "-d", "--name", "sidecar", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "-v", "spool:/spool", "-v", $"{builds.Path}:/builds", Image, "/builds/metrics.json", receiver.Address.Authority);

        async Task<string> StopAsync()
        {
            await engine.DockerAsync("stop", "-t", "20", "sidecar");
            string exitCode = await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "sidecar");
            await engine.DockerAsync("rm", "sidecar");
            return exitCode;
        }
    }
}
