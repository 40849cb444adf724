using System.Formats.Tar;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiMetrics.RunnerExporter.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Deploy;

/// <summary>
/// The Dockerfile, built by a real engine. The base images are stand-ins under the same names: of the SDK, one whose
/// <c>dotnet</c> hands over the program that was published already; of the runtime's dependencies, the host's libraries.
/// </summary>
[NonParallelizable]
public sealed partial class ImageTests
{
    private const string Image = "bitbucket-runner-exporter";

    // What runtime-deps brings beside the C library; OpenSSL is loaded when it is needed.
    private static readonly string[] Libraries =
        ["libdl.so.2", "librt.so.1", "libgcc_s.so.1", "libpthread.so.0", "libm.so.6", "libstdc++.so.6", "libc.so.6", "libssl.so.3", "libcrypto.so.3"];

    private static string Dockerfile { get; } = Repository.PathOf("services", "runner-exporter", "Dockerfile");

    [Test]
    public void The_SDK_is_the_one_that_is_pinned()
    {
        using JsonDocument pinned = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("global.json")));
        Assert.That(Argument("SDK"), Is.EqualTo(pinned.RootElement.GetProperty("sdk").GetProperty("version").GetString()));
    }

    [Test]
    public async Task The_image_runs_without_root_capabilities_or_a_writable_root_and_is_healthy()
    {
        using TempFolder context = new();
        string program = Published.Binary("bitbucket-runner-exporter");
        await using Dockerd engine = await Dockerd.StartAsync();
        await ImportSdkAsync(engine, context, program);
        await ImportRuntimeAsync(engine, context);
        string empty = Directory.CreateDirectory(context.PathOf("context")).FullName;
        await engine.DockerAsync("build", "--network", "none", "-f", Dockerfile, "-t", Image, empty);

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

    private static string Argument(string name) => ArgumentLine().Matches(File.ReadAllText(Dockerfile))
        .Single(match => match.Groups["name"].Value == name).Groups["value"].Value;

    private static async Task ImportSdkAsync(Dockerd engine, TempFolder folder, string program)
    {
        string dotnet = folder.Write("dotnet", "#!/bin/sh\n[ \"$1 $2\" = 'publish services/runner-exporter/src' ] || exit 1\nwhile [ \"$1\" != -o ]; do shift; done\nmkdir -p $2 && cat /published > $2/bitbucket-runner-exporter && chmod 755 $2/bitbucket-runner-exporter\n");
        File.SetUnixFileMode(dotnet, (UnixFileMode)0b111_101_101);
        await ImportAsync(engine, folder, $"mcr.microsoft.com/dotnet/sdk:{Argument("SDK")}", async tar =>
        {
            await tar.WriteEntryAsync(Requires.Program("busybox", "busybox-static"), "bin/busybox");
            foreach (string applet in (string[])["sh", "mkdir", "cat", "chmod"])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            await tar.WriteEntryAsync(dotnet, "bin/dotnet");
            await tar.WriteEntryAsync(program, "published");
        });
    }

    private static Task ImportRuntimeAsync(Dockerd engine, TempFolder folder) =>
        ImportAsync(engine, folder, $"mcr.microsoft.com/dotnet/runtime-deps:{Argument("RUNTIME")}", async tar =>
        {
            // A folder without an entry of its own would be closed to all but root.
            foreach (string open in (string[])["usr", "usr/bin", "usr/lib", "usr/lib/x86_64-linux-gnu", "lib64"])
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, open) { Mode = (UnixFileMode)0b111_101_101 });
            await WriteAsync(tar, "/lib64/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2");
            foreach (string library in Libraries) await WriteAsync(tar, $"/usr/lib/x86_64-linux-gnu/{library}", $"usr/lib/x86_64-linux-gnu/{library}");
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "lib") { LinkName = "usr/lib" });
        });

    /// <summary>The file itself: libraries are links to their versions.</summary>
    private static async Task WriteAsync(TarWriter tar, string path, string name) =>
        await tar.WriteEntryAsync(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path, name);

    private static async Task ImportAsync(Dockerd engine, TempFolder folder, string name, Func<TarWriter, Task> fill)
    {
        string path = folder.PathOf($"{Guid.NewGuid()}.tar");
        await using (FileStream file = File.Create(path))
        await using (TarWriter tar = new(file))
        {
            await fill(tar);
        }

        await engine.DockerAsync("import", "-c", "ENV PATH=/bin:/usr/bin", path, name);
    }

    private static async Task<string> GroupOfAsync(string path)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync("/usr/bin/stat", ["-c", "%g", path]);
        Assert.That(exitCode, Is.Zero, output);
        return int.Parse(output, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^ARG (?<name>\w+)=(?<value>\S+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex ArgumentLine();
}
