using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Services;

public sealed class SidecarImage() : ImageTests("ci-sidecar")
{
    [Test]
    public async Task It_is_built_of_the_revision_that_it_names() =>
        Assert.That(await Workshop.Engine.DockerAsync("run", "--rm", "--network", "none", Image.Name, "--version"), Does.Contain(Workshop.Revision[..7]));

    [Test]
    public async Task It_is_the_smallest_image()
    {
        Dictionary<string, long> sizes = new(StringComparer.Ordinal);
        foreach (ServiceImage image in ServiceImage.All)
        {
            await Workshop.BuildAsync(image);
            sizes.Add(image.Name, await Workshop.SizeAsync(image.Name));
        }
        Assert.That(sizes.MinBy(size => size.Value).Key, Is.EqualTo(Image.Name), string.Join(", ", sizes));
    }

    [Test]
    public async Task It_shows_its_metrics_where_it_listens()
    {
        await using HttpFaultProxy receiver = HttpFaultProxy.Start(null);
        int port = FreePort.Next();
        RunningImage sidecar = await RunningImage.StartAsync(
            Image, port, ["-v", "listening-spool:/spool", "-e", $"EXPORTER__WEB_LISTEN_ADDRESS=127.0.0.1:{port}"], "/spool/no-such-folder/metrics.json", receiver.Address.Authority);
        Assert.That((await sidecar.ScrapeAsync()).Value("ci_sidecar_spool_events"), Is.Zero);
        await sidecar.StopAsync();
    }

    [Test]
    public async Task It_takes_a_file_in_a_folder_of_roots_once_and_is_healthy_without_listening()
    {
        await using HttpFaultProxy receiver = HttpFaultProxy.Start(null);
        // As a build container leaves it: the folder is root's, and the sidecar is not.
        using TempFolder builds = new();
        File.SetUnixFileMode(builds.Path, (UnixFileMode)0b111_101_101);
        string file = builds.Write("metrics.json", """{"id":"before","name":"build"}""");
        RunningImage first = await StartAsync();
        await Eventually.TrueAsync(() => receiver.Requests.Count == 1, "the file to be sent");
        await first.MeasureAsync();
        await first.StopAsync();

        // The spool's volume remembers what was taken and cannot be removed.
        RunningImage second = await StartAsync();
        builds.Write("metrics.json.new", """{"id":"after","name":"build"}""");
        File.Move(builds.PathOf("metrics.json.new"), file, overwrite: true);
        await Eventually.TrueAsync(() => receiver.Requests.Any(request => request.Headers["Idempotency-Key"] == "after"), "the next file to be sent");
        await second.StopAsync();
        Assert.That(receiver.Requests.Select(request => request.Headers["Idempotency-Key"]), Is.EqualTo(["before", "after"]));

        Task<RunningImage> StartAsync() =>
            RunningImage.StartAsync(Image, port: 0, ["-v", "spool:/spool", "-v", $"{builds.Path}:/builds"], "/builds/metrics.json", receiver.Address.Authority);
    }
}
