using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>The Dockerfile, built by a real engine.</summary>
[NonParallelizable]
public sealed class ImageTests
{
    private const string Image = "ci-receiver";

    [Test]
    public async Task The_image_keeps_its_ledger_in_a_volume_without_root_capabilities_or_a_writable_root()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        StandInImages images = new(engine, Repository.PathOf("services", "ci-receiver", "Dockerfile"));
        Assert.That(images.Argument("SDK"), Is.EqualTo(Repository.PinnedSdk));
        await images.BuildAsync(Image, "receiver", "services/ci-receiver/src");
        Assert.That(
            await engine.DockerAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.ExposedPorts}}", Image),
            Is.EqualTo("1654 [/usr/bin/receiver] map[8080/tcp:{}]"));

        int port = FreePort.Next();
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        foreach (int run in new[] { 1, 2 })
        {
            await engine.DockerAsync(
                "run", "-d", "--name", "receiver", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "-v", "ledger:/data", "-e", $"RECEIVER__WEB_LISTEN_ADDRESS=127.0.0.1:{port}", Image);
            await Eventually.TrueAsync(async () => (await client.GetAsync(new Uri($"http://127.0.0.1:{port}/-/ready"))).IsSuccessStatusCode, "the receiver in its image");
            string answer = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/steps?name=build&project=p&status=success&started="));
            Assert.That(answer, Does.Contain("\"counted\""));
            // What HEALTHCHECK runs, with the environment that the container has.
            await engine.DockerAsync("exec", "receiver", "/usr/bin/receiver", "healthcheck");
            ScrapedText scrape = await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"));
            Assert.That(scrape.Value("ci_build_total"), Is.EqualTo(run), "the volume outlives the container");
            await engine.DockerAsync("stop", "-t", "20", "receiver");
            Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "receiver"), Is.EqualTo("0"));
            await engine.DockerAsync("rm", "receiver");
        }
    }
}
