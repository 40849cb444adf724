using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "spacelift-promex";

    [Test]
    public async Task The_image_serves_without_arguments_root_or_a_writable_root()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        StandInImages images = new(engine, Repository.PathOf("services", "spacelift-promex", "Dockerfile"));
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "spacelift-promex", "services/spacelift-promex/src");
        Assert.That(
            await engine.DockerAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Cmd}} {{.Config.ExposedPorts}}", Image),
            Is.EqualTo("1654 [/usr/bin/spacelift-promex] [serve] map[9953/tcp:{}]"));

        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        int port = FreePort.Next();
        await engine.DockerAsync(
            "run", "-d", "--name", "promex", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "-e", $"SPACELIFT_PROMEX_API_ENDPOINT={api.Url}", "-e", "SPACELIFT_PROMEX_API_KEY_ID=k", "-e", $"SPACELIFT_PROMEX_API_KEY_SECRET={api.Secret}",
            "-e", $"SPACELIFT_PROMEX_LISTEN_ADDRESS=127.0.0.1:{port}", Image);
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30) };
        await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"))).IsSuccessStatusCode, "the exporter in its image");
        ScrapedText scraped = await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"));
        Assert.That(scraped.Value("spacelift_up"), Is.EqualTo(1));
        // What HEALTHCHECK runs, with the environment that the container has.
        await engine.DockerAsync("exec", "promex", "/usr/bin/spacelift-promex", "healthcheck");
        await engine.DockerAsync("stop", "-t", "20", "promex");
        Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "promex"), Is.EqualTo("0"));
    }
}
