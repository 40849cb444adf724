using System.Formats.Tar;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>A runner's image with the exporter in it, built by a real engine on a stand-in of a runner's image, and run as its compose file runs it.</summary>
[NonParallelizable]
public sealed class RunnerImageTests
{
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private const int RunnerUser = 1001;

    private static readonly string[] Libraries =
        ["libdl.so.2", "librt.so.1", "libgcc_s.so.1", "libpthread.so.0", "libm.so.6", "libstdc++.so.6", "libc.so.6", "libssl.so.3", "libcrypto.so.3", "libtinfo.so.6"];

    // Configures a runner, has a job, and runs until it is told to stop.
    private const string Entrypoint =
        """
        #!/bin/bash
        cd /actions-runner
        mkdir _diag
        printf '{"agentName": "configured"}' >.runner
        job=11111111-2222-3333-4444-555555555555
        {
          echo "[2026-11-20 10:00:00Z INFO Terminal] WRITE LINE: Current runner version: '2.336.0'"
          echo "[2026-11-20 10:00:01Z INFO JobDispatcher] Job request 1 for plan $job job $job received."
          echo "[2026-11-20 10:01:01Z INFO JobDispatcher] finish job request for job $job with result: Succeeded"
        } >_diag/Runner_20261120-100000-utc.log
        trap 'echo stopped; exit 7' TERM
        echo "runner $*"
        while :; do sleep 0.2; done

        """;

    [Test]
    public async Task The_runner_runs_as_before_and_its_metrics_are_there()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        using TempFolder folder = new();
        await ImportAsync(engine, folder, "metrics", tar => WriteMetricsAsync(tar));
        await ImportAsync(engine, folder, "runner", tar => WriteRunnerAsync(tar, folder), "-c", $"USER {RunnerUser}");
        await engine.DockerAsync(
            "build", "--network", "none", "-f", Repository.PathOf("deploy", "compose", "github-runner", "Dockerfile"), "--build-arg", "METRICS_IMAGE=metrics", "--build-arg", "RUNNER_IMAGE=runner",
            "-t", "runner-with-metrics", Context(folder));

        JsonNode compose = Examples.Json(await File.ReadAllTextAsync(Repository.PathOf("deploy", "compose", "github-runner", "docker-compose.chrome.yml")))!["services"]!["github-runner-chrome"]!;
        string state = ((string)compose["volumes"]![0]!).Split(':')[1];
        int port = FreePort.Next();
        await engine.DockerAsync(
            "run", "-d", "--name", "runner", "--network", "host", "-v", $"state:{state}", "-e", "RUNNER_NAME=chrome-runner", "-e", $"RUNNER_TYPE={(string)compose["environment"]!["RUNNER_TYPE"]!}",
            "-e", $"GITHUB_RUNNER_METRICS__WEB_LISTEN_ADDRESS=127.0.0.1:{port}", "runner-with-metrics", "--some", "argument");
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        await Eventually.TrueAsync(
            async () => (await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics"))).Value("github_runner_jobs_total", ("runner_name", "chrome-runner"), ("runner_type", "chrome"), ("status", "success")) == 1,
            "the job");
        string[] health = [.. compose["healthcheck"]!["test"]!.AsArray().Select(each => (string)each!).Skip(1)];
        await engine.DockerAsync(["exec", "runner", .. health]);
        Assert.That(await engine.DockerAsync("exec", "runner", "/bin/ls", state), Is.Not.Empty, "the volume is the runner user's");

        string pid = await engine.DockerAsync("exec", "runner", "/bin/pidof", "github-runner-metrics");
        await engine.DockerAsync("exec", "runner", "/bin/kill", "-9", pid);
        await Eventually.TrueAsync(async () => await IsGoneAsync(client, port), "the exporter to be gone");
        Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.Running}}", "runner"), Is.EqualTo("true"), "the exporter's death ends nothing");
        await engine.DockerAsync("stop", "-t", "30", "runner");
        Assert.That(await engine.DockerAsync("inspect", "-f", "{{.State.ExitCode}}", "runner"), Is.EqualTo("7"));
        string[] printed = (await engine.DockerAsync("logs", "runner")).Split('\n');
        Assert.That(printed, Does.Contain("runner --some argument").And.Contain("stopped"));
    }

    private static async Task<bool> IsGoneAsync(HttpClient client, int port)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health"));
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    // Of the repository only what the Dockerfile copies.
    private static string Context(TempFolder folder)
    {
        const string script = "deploy/compose/github-runner/entrypoint.sh";
        string copy = folder.Write($"context/{script}", File.ReadAllText(Repository.PathOf(script)));
        UnixFileMode mode = File.GetUnixFileMode(Repository.PathOf(script));
        Assert.That(mode.HasFlag(UnixFileMode.OtherExecute | UnixFileMode.OtherRead), Is.True, "the runner's user has to run it");
        File.SetUnixFileMode(copy, mode);
        return folder.PathOf("context");
    }

    // As the exporter's own image has them.
    private static async Task WriteMetricsAsync(TarWriter tar)
    {
        await WriteFoldersAsync(tar, "usr", "usr/bin", "state");
        await tar.WriteEntryAsync(Published.Binary("github-runner-metrics"), "usr/bin/github-runner-metrics");
    }

    private static async Task WriteRunnerAsync(TarWriter tar, TempFolder folder)
    {
        await WriteFoldersAsync(tar, "usr", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/local", "usr/local/bin", "lib64", "bin", "var", "var/lib");
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0b001_111_111_111 });
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "actions-runner") { Mode = Open, Uid = RunnerUser, Gid = RunnerUser });
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "lib") { LinkName = "usr/lib" });
        await tar.WriteEntryAsync(Real("/lib64/ld-linux-x86-64.so.2"), "lib64/ld-linux-x86-64.so.2");
        foreach (string library in Libraries) await tar.WriteEntryAsync(Real($"/usr/lib/x86_64-linux-gnu/{library}"), $"usr/lib/x86_64-linux-gnu/{library}");
        await tar.WriteEntryAsync(Real("/bin/bash"), "bin/bash");
        await tar.WriteEntryAsync(Requires.Program("busybox", "busybox-static"), "bin/busybox");
        foreach (string applet in (string[])["sleep", "mkdir", "ls", "kill", "pidof"]) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        string entrypoint = folder.Write("own", Entrypoint);
        File.SetUnixFileMode(entrypoint, Open);
        await tar.WriteEntryAsync(entrypoint, "entrypoint.sh");
    }

    // Without entries of their own they would be closed to all but root.
    private static async Task WriteFoldersAsync(TarWriter tar, params string[] paths)
    {
        foreach (string path in paths) await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, path) { Mode = Open });
    }

    private static string Real(string path) => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;

    private static async Task ImportAsync(Dockerd engine, TempFolder folder, string image, Func<TarWriter, Task> fill, params string[] changes)
    {
        string path = folder.PathOf($"{image}.tar");
        await using (FileStream file = File.Create(path))
        await using (TarWriter tar = new(file))
        {
            await fill(tar);
        }
        await engine.DockerAsync(["import", "-c", "ENV PATH=/bin:/usr/bin", .. changes, path, image]);
    }
}
