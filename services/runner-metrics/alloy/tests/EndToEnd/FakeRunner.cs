using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>
/// A program with a runner's name, command line, children and answers, driven step by step. It does nothing by itself;
/// its log is written by the test.
/// </summary>
internal sealed class FakeRunner : IAsyncDisposable
{
    /// <summary>A secret that the runner's helpers have on their command lines.</summary>
    public const string Secret = "s3cret-of-the-job";

    private const string Script = """
        #!/bin/bash
        if [ "$1" = --version ]; then
        cat <<END
        Version:      10.0.0~beta.28.g35e724fa
        Git revision: 35e724fa
        Git branch:   rename-to-alloy-runner
        GO version:   go1.8.3
        Built:        2017-09-11 15:30:31 +0000 +0000
        OS/Arch:      linux/amd64
        END
        exit
        fi
        if [ "$1" != run ]; then sleep 300; exit; fi
        exec 3<>"$CONTROL"
        while read -r action name command <&3; do
          if [ "$action" = start ]; then setsid bash -c "$command" 3>&- >/dev/null 2>&1 & declare "child_$name=$!"
          else child="child_$name"; kill -KILL -- "-${!child}"; wait "${!child}"; fi
          echo "$action $name"
        done 2>/dev/null
        """;

    private readonly TempFolder _folder;
    private readonly ServiceProcess _process;

    private FakeRunner(TempFolder folder, ServiceProcess process)
    {
        _folder = folder;
        _process = process;
    }

    public int Pid => _process.Pid;

    /// <summary>Its program, whose name is the runner's.</summary>
    public string Program => ProgramIn(_folder);

    /// <summary>Starts it.</summary>
    public static async Task<FakeRunner> StartAsync(params string[] arguments)
    {
        TempFolder folder = new();
        string program = folder.Write("bin/alloy-runner-fake", Script.Replace("        ", "", StringComparison.Ordinal));
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(program, ProgramIn(folder));
        File.Copy("/bin/sleep", folder.PathOf("bin/git"));
        (int exitCode, string output) = await ServiceProcess.RunAsync("/usr/bin/mkfifo", [folder.PathOf("control")]);
        Assert.That(exitCode, Is.Zero, output);
        ServiceProcess process = ServiceProcess.Start(
            ProgramIn(folder), ["run", .. arguments], new Dictionary<string, string>(StringComparer.Ordinal) { ["CONTROL"] = folder.PathOf("control"), ["RUNNER_SECRET"] = Secret });
        return new FakeRunner(folder, process);
    }

    /// <summary>Starts a shell as the shell executor does, with this below it.</summary>
    public Task StartJobAsync(string name, string command = "sleep 300") => TellAsync($"start {name} {command}; true");

    /// <summary>A job that fetches its sources.</summary>
    public Task StartGitAsync(string name) => StartJobAsync(name, $"{_folder.PathOf("bin/git")} 300");

    /// <summary>A job whose helper uploads artifacts, with a token on its command line.</summary>
    public Task StartUploadAsync(string name) => StartJobAsync(name, $"{Program} artifacts-uploader --token {Secret}");

    /// <summary>Ends such a shell.</summary>
    public Task StopJobAsync(string name) => TellAsync($"stop {name} x");

    public async Task KillAsync()
    {
        if (_process.HasExited) return;
        await ServiceProcess.RunAsync("/usr/bin/pkill", ["-KILL", "-P", $"{Pid}"]);
        _process.Signal(Signals.Kill);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static string ProgramIn(TempFolder folder) => folder.PathOf("bin/alloy-runner");

    private async Task TellAsync(string line)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/sh", ["-c", $"echo '{line}' > {_folder.PathOf("control")}"]);
        Assert.That(exitCode, Is.Zero, output);
        string[] words = line.Split(' ');
        await _process.WaitForAsync(said => said == $"{words[0]} {words[1]}");
    }
}
