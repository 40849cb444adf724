using System.Formats.Tar;
using System.Globalization;

namespace CiMetrics.Testing;

/// <summary>
/// A real Docker engine of the test's own: started by hand in a temp folder, on a Unix socket, without network or
/// firewall rules, and with one image (<c>busybox</c>). Whatever it left running is ended when it is disposed.
/// </summary>
public sealed class Dockerd : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _program;
    private readonly string _client;
    private ServiceProcess? _process;

    private readonly string? _storageDriver;

    private Dockerd(string program, string client, string? storageDriver)
    {
        _program = program;
        _client = client;
        _storageDriver = storageDriver;
    }

    /// <summary>The engine's socket.</summary>
    public string Socket => _folder.PathOf("d.sock");

    /// <summary>The value for DOCKER_HOST.</summary>
    public string Host => $"unix://{Socket}";

    /// <summary>The engine's own log so far.</summary>
    public IReadOnlyList<string> Log => _process?.Log ?? [];

    /// <summary>Starts an engine and gives it the image.</summary>
    /// <param name="storageDriver">How layers are kept. vfs works everywhere and copies all of them; null: the engine chooses.</param>
    public static async Task<Dockerd> StartAsync(string? storageDriver = "vfs")
    {
        Requires.Root();
        string busybox = Requires.Program("busybox", "busybox-static");
        Dockerd engine = new(Requires.Program("dockerd", "docker.io"), Requires.Program("docker", "docker.io"), storageDriver);
        try
        {
            await engine.LaunchAsync();
            string tar = engine._folder.PathOf("busybox.tar");
            await WriteImageAsync(busybox, tar);
            await engine.DockerAsync("import", tar, "busybox");
            return engine;
        }
        catch
        {
            TestContext.Out.WriteLine(string.Join('\n', engine.Log));
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it (again) and waits until it answers.</summary>
    public async Task LaunchAsync()
    {
        // containerd dies with a killed dockerd, but where PID 1 does not reap it its zombie passes for alive.
        string stale = _folder.PathOf("exec", "containerd", "containerd.pid");
        if (File.Exists(stale)) File.Delete(stale);
        _process = ServiceProcess.Start(
            _program,
            [
                "--data-root", _folder.PathOf("data"), "--exec-root", _folder.PathOf("exec"), "-p", _folder.PathOf("pid"), "-H", Host,
                "--iptables=false", "--ip6tables=false", "--bridge=none", .. _storageDriver is null ? [] : (string[])["--storage-driver", _storageDriver],
            ]);
        try
        {
            await Eventually.TrueAsync(
                async () => (await ServiceProcess.RunAsync(_client, ["-H", Host, "version"])).ExitCode == 0, "dockerd to answer");
        }
        catch (AssertionException exception)
        {
            throw new AssertionException($"{exception.Message}\n{string.Join('\n', Log)}", exception);
        }
    }

    /// <summary>A crash: SIGKILL, and the socket file stays.</summary>
    public async Task KillAsync()
    {
        Signals.Send(_process!.Pid, Signals.Kill);
        await _process.WaitForExitAsync();
    }

    /// <summary>A hang: SIGSTOP. The socket takes connections and nothing answers.</summary>
    public void Freeze() => Signals.Send(_process!.Pid, Signals.Stop);

    /// <summary>The end of a hang.</summary>
    public void Thaw() => Signals.Send(_process!.Pid, Signals.Continue);

    /// <summary>Runs the docker command and gives what it printed; fails the test when it fails.</summary>
    public Task<string> DockerAsync(params string[] arguments) => DockerAsync(TimeSpan.FromSeconds(60), arguments);

    /// <inheritdoc cref="DockerAsync(string[])"/>
    public async Task<string> DockerAsync(TimeSpan patience, params string[] arguments)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(_client, ["-H", Host, .. arguments], patience: patience);
        return exitCode == 0 ? output.Trim() : throw new AssertionException($"docker {string.Join(' ', arguments)}: {output}");
    }

    /// <summary>Starts a container in the background and gives its id. <paramref name="options"/> go before the image.</summary>
    public async Task<string> RunAsync(string name, string script, params string[] options)
    {
        string output = await DockerAsync(["run", "-d", "--network", "none", "--name", name, .. options, "busybox", "/bin/sh", "-c", script]);
        return output.Split('\n')[^1].Trim();
    }

    /// <summary>Removes every container. One that is removed with its end (<c>--rm</c>) may be on its way out: that is no failure.</summary>
    public Task RemoveAllAsync() => Eventually.TrueAsync(
        async () =>
        {
            string ids = await DockerAsync("ps", "-aq");
            await RemoveAsync(ids);
            return ids.Length == 0;
        },
        "all containers to be removed");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            Thaw();
            (int exitCode, string ids) = await ServiceProcess.RunAsync(_client, ["-H", Host, "ps", "-q"]);
            if (exitCode == 0) await RemoveAsync(ids);
            Signals.TrySend(_process.Pid, Signals.Terminate);
            try
            {
                await _process.WaitForExitAsync();
            }
            catch (AssertionException exception)
            {
                TestContext.Out.WriteLine(exception.Message);
            }
        }

        if (_process is not null) await _process.DisposeAsync();
        await EndLeftoversAsync();
        await UnmountAsync();
        _folder.Dispose();
    }

    private static async Task WriteImageAsync(string busybox, string path)
    {
        await using FileStream file = File.Create(path);
        await using TarWriter tar = new(file);
        await tar.WriteEntryAsync(busybox, "bin/busybox");
        foreach (string applet in (string[])["sh", "sleep", "dd", "cat", "kill", "true", "false", "sync", "head", "wget", "nc", "ls", "mkdir", "rm", "seq"])
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }

        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0b111_111_111 });
    }

    private async Task RemoveAsync(string ids)
    {
        string[] running = ids.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (running.Length > 0) await ServiceProcess.RunAsync(_client, ["-H", Host, "rm", "-f", .. running], patience: TimeSpan.FromSeconds(60));
    }

    /// <summary>A killed dockerd leaves containerd and the shims with their containers: ours name our folder in their command line.</summary>
    private async Task EndLeftoversAsync()
    {
        for (int attempt = 0; attempt < 50; attempt++)
        {
            int[] pids = [.. Leftovers()];
            if (pids.Length == 0) return;
            foreach (int pid in pids) Signals.TrySend(pid, Signals.Kill);
            await Task.Delay(50);
        }
    }

    private IEnumerable<int> Leftovers()
    {
        List<(int Pid, int Parent, bool Ours)> all = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            try
            {
                string commandLine = File.ReadAllText($"{folder}/cmdline");
                string status = File.ReadAllText($"{folder}/stat");
                string[] fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[0] is "Z" or "X") continue;
                all.Add((pid, int.Parse(fields[1], CultureInfo.InvariantCulture), commandLine.Contains(_folder.Path, StringComparison.Ordinal) && commandLine.Contains("containerd", StringComparison.Ordinal)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue; // The process ended while we looked.
            }
        }

        HashSet<int> ours = [.. all.Where(process => process.Ours).Select(process => process.Pid)];
        return all.Where(process => process.Ours || ours.Contains(process.Parent)).Select(process => process.Pid);
    }

    private async Task UnmountAsync()
    {
        string[] mounts = [.. (await File.ReadAllLinesAsync("/proc/self/mountinfo"))
            .Select(line => line.Split(' ')[4])
            .Where(point => point.StartsWith(_folder.Path, StringComparison.Ordinal))
            .Reverse()];
        foreach (string mount in mounts) await ServiceProcess.RunAsync("/bin/umount", ["-l", mount]);
    }
}
