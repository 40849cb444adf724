using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>The other builder. All Dockerfiles have one shape, so that one of them stands for all.</summary>
[NonParallelizable]
public sealed class BuildKitTests
{
    private const string Image = "built-by-buildkit";

    [Test]
    public async Task It_builds_an_image_that_runs()
    {
        ServiceImage image = ServiceImage.Named("ci-receiver");
        await Workshop.ProvideSdkAsync(real: false);
        // Debian's client has BuildKit in it; one that comes first on PATH may want a plug-in.
        string client = File.Exists("/usr/bin/docker") ? "/usr/bin/docker" : Requires.Program("docker", "docker.io");
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            client, ["-H", Workshop.Engine.Host, "build", "--progress=plain", "--network", "none", "-f", image.Dockerfile, "-t", Image, Repository.Root],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "1" }, TimeSpan.FromMinutes(2));
        if (output.Contains("buildx", StringComparison.Ordinal)) Requires.Missing("BuildKit's plug-in is not installed: apt-get install docker-buildx");
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain("[projects "), "stages by name are how BuildKit reports");
        Assert.That(await Workshop.Engine.DockerAsync("run", "--rm", "--network", "none", Image, "--version"), Does.StartWith("receiver version"));
    }
}
