using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The entrypoint of a runner's image that has the exporter in it: the runner must not notice.</summary>
[NonParallelizable]
public sealed class EntrypointTests
{
    [Test]
    public async Task It_starts_the_exporter_once_the_runner_is_configured_and_becomes_the_images_own()
    {
        using TempFolder folder = new();
        string runner = folder.PathOf("runner"), called = folder.PathOf("called");
        // The image's entrypoint configures the runner late, and ends when the exporter has been started.
        await using ServiceProcess own = Start(
            folder,
            exporter: $"[ -e '{runner}/.runner' ] && seen=configured\necho \"$* $seen\" >'{called}.tmp'; mv '{called}.tmp' '{called}'",
            own: $"sleep 1.5; mkdir -p '{runner}'; touch '{runner}/.runner'; echo \"own $*\"; until [ -e '{called}' ]; do sleep 0.1; done; exit 7",
            "a", "b");
        Assert.That(await own.WaitForExitAsync(), Is.EqualTo(7));
        Assert.That(own.Log, Is.EqualTo(new[] { "own a b" }));
        Assert.That(await File.ReadAllTextAsync(called), Is.EqualTo($"serve --runner-dir {runner} --state-dir /state configured\n"));
    }

    [TestCase(Signals.Terminate, "TERM")]
    [TestCase(Signals.Interrupt, "INT")]
    [TestCase(Signals.HangUp, "HUP")]
    public async Task Signals_reach_the_runner_itself_and_its_exit_code_is_the_containers(int signal, string name)
    {
        using TempFolder folder = new();
        Configure(folder);
        await using ServiceProcess own = Start(folder, exporter: "exit 0", own: $"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.1; done");
        await Eventually.TrueAsync(() => own.Log.Contains("ready", StringComparer.Ordinal), "the runner to run");
        own.Signal(signal);
        Assert.That(await own.WaitForExitAsync(), Is.EqualTo(9));
        Assert.That(own.Log[^1], Is.EqualTo($"got {name}"));
    }

    [Test]
    public async Task The_exporters_death_is_not_noticed()
    {
        using TempFolder folder = new();
        Configure(folder);
        string pid = folder.PathOf("pid");
        // The runner's script waits for all of its own children, as many do, and fails where one of them did.
        await using ServiceProcess own = Start(
            folder,
            exporter: $"echo $$ >'{pid}.tmp'; mv '{pid}.tmp' '{pid}'; read -r line <>'{Pipe(folder)}'",
            own: $"set -e; sleep 0.1 & wait; echo ready; until [ -e '{folder.PathOf("go")}' ]; do sleep 0.1; done; wait; echo done; exit 5");
        await Eventually.TrueAsync(() => own.Log.Contains("ready", StringComparer.Ordinal) && File.Exists(pid), "both to run");
        int exporter = int.Parse(await File.ReadAllTextAsync(pid), CultureInfo.InvariantCulture);
        Signals.Send(exporter, Signals.Kill);
        folder.Write("go", "");
        Assert.That(await own.WaitForExitAsync(), Is.EqualTo(5));
        Assert.That(own.Log, Is.EqualTo(new[] { "ready", "done" }));
    }

    [Test]
    public async Task Without_the_exporter_the_runner_runs_all_the_same()
    {
        using TempFolder folder = new();
        Configure(folder);
        await using ServiceProcess own = Start(folder, exporter: null, own: "echo own; exit 3");
        Assert.That(await own.WaitForExitAsync(), Is.EqualTo(3));
        Assert.That(own.Log, Does.Contain("own"));
    }

    [Test]
    public async Task Its_standard_input_is_the_runners()
    {
        using TempFolder folder = new();
        Configure(folder);
        string read = folder.PathOf("read");
        await using ServiceProcess own = Start(folder, exporter: $"cat >'{read}.tmp'; mv '{read}.tmp' '{read}'", own: $"until [ -e '{read}' ]; do sleep 0.1; done; exit 0");
        Assert.That(await own.WaitForExitAsync(), Is.Zero);
        Assert.That(new FileInfo(read).Length, Is.Zero);
    }

    private static void Configure(TempFolder folder) => folder.Write("runner/.runner", "{}");

    private static string Pipe(TempFolder folder)
    {
        string pipe = folder.PathOf("pipe");
        Assert.That(ServiceProcess.RunAsync("/usr/bin/mkfifo", [pipe]).GetAwaiter().GetResult().ExitCode, Is.Zero);
        return pipe;
    }

    private static ServiceProcess Start(TempFolder folder, string? exporter, string own, params string[] arguments)
    {
        string path = exporter is null ? folder.PathOf("absent") : Executable(folder, "exporter", exporter);
        string text = File.ReadAllText(Repository.PathOf("deploy", "compose", "github-runner", "entrypoint.sh"));
        string script = folder.Write("entrypoint.sh", text.Replace("/usr/local/bin/github-runner-metrics", path, StringComparison.Ordinal));
        return ServiceProcess.Start("/bin/bash", [script, .. arguments], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RUNNER_DIR"] = folder.PathOf("runner"),
            ["RUNNER_ENTRYPOINT"] = Executable(folder, "own", own),
            ["METRICS_STATE_DIR"] = "/state",
        });
    }

    private static string Executable(TempFolder folder, string name, string text)
    {
        string path = folder.Write(name, $"#!/bin/bash\n{text}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }
}
