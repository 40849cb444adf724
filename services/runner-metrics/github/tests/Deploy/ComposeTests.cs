using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>What runner images get: compose files, and the entrypoint that starts the exporter beside the runner.</summary>
[NonParallelizable]
public sealed class ComposeTests
{
    private static string PathOf(string name) => Repository.PathOf("deploy", "compose", "github-runner", name);

    [TestCase("production", "standard", 9091)]
    [TestCase("chrome", "chrome", 9092)]
    [TestCase("chrome-go", "chrome-go", 9093)]
    public void Each_file_exposes_and_maps_the_port(string name, string type, int port)
    {
        string text = File.ReadAllText(PathOf($"docker-compose.{name}.yml"));
        Assert.That(text, Does.Contain($"RUNNER_TYPE: {type}\n").And.Contain("expose:\n      - \"9091\"\n").And.Contain($"- \"${{METRICS_PORT:-{port}}}:9091\""));
        using StringReader reader = new(text);
        YamlDotNet.RepresentationModel.YamlStream yaml = [];
        Assert.That(() => yaml.Load(reader), Throws.Nothing);
    }

    [Test]
    public async Task The_entrypoint_starts_the_exporter_once_the_runner_is_configured_and_becomes_the_images_own()
    {
        using TempFolder folder = new();
        // A stand-in exporter says what it was called with; a stand-in entrypoint configures the runner late and ends.
        string exporter = Executable(folder, "exporter", $"#!/bin/bash\necho \"$* $([ -e '{folder.PathOf("runner", ".runner")}' ] && echo configured)\" > '{folder.PathOf("called")}'\n");
        string own = Executable(folder, "own", $"#!/bin/bash\nsleep 1.5\nmkdir -p '{folder.PathOf("runner")}'; touch '{folder.PathOf("runner", ".runner")}'\necho \"own $*\"\nsleep 3\nexit 7\n");
        string script = folder.Write("entrypoint.sh", File.ReadAllText(PathOf("entrypoint.sh")).Replace("/usr/local/bin/github-runner-metrics", exporter, StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/bash", [script, "a", "b"], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RUNNER_DIR"] = folder.PathOf("runner"),
            ["RUNNER_ENTRYPOINT"] = own,
            ["METRICS_STATE_DIR"] = "/state",
        });
        Assert.That((exitCode, output), Is.EqualTo((7, "own a b")));
        await Eventually.TrueAsync(() => File.Exists(folder.PathOf("called")), "the exporter to be started");
        Assert.That(await File.ReadAllTextAsync(folder.PathOf("called")), Is.EqualTo($"serve --runner-dir {folder.PathOf("runner")} --state-dir /state configured\n"));
    }

    private static string Executable(TempFolder folder, string name, string text)
    {
        string path = folder.Write(name, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }
}
