using System.Globalization;
using CiMetrics.RunnerMetrics.Processes;
using CiMetrics.Testing;

namespace CiMetrics.RunnerMetrics.Tests;

/// <summary>Real processes through the real <c>/proc</c>.</summary>
public sealed class ProcessTests
{
    private readonly ProcFolder _proc = new("/proc");

    [Test]
    public async Task A_running_process_is_sampled_until_it_ends()
    {
        await using ServiceProcess process = ServiceProcess.Start("/bin/bash", ["-c", "while :; do :; done"]);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await Eventually.TrueAsync(() => ProcessSample.Take(_proc, process.Pid)?.CpuSeconds > 0.1, "processor time");
        ProcessSample sample = ProcessSample.Take(_proc, process.Pid)!;
        Assert.Multiple(() =>
        {
            Assert.That(sample.ResidentBytes, Is.InRange(100_000, 100_000_000));
            Assert.That(sample.VirtualBytes, Is.GreaterThan(sample.ResidentBytes));
            Assert.That(sample.OpenFiles, Is.InRange(3, 100));
            Assert.That(sample.MaxFiles, Is.GreaterThanOrEqualTo(256));
            Assert.That(sample.Threads, Is.EqualTo(1));
            Assert.That(sample.StartTime!.Value, Is.EqualTo(now.ToUnixTimeMilliseconds() / 1000d).Within(30));
        });
        process.Signal(Signals.Kill);
        await process.WaitForExitAsync();
        Assert.That(ProcessSample.Take(_proc, process.Pid), Is.Null);
    }

    [Test]
    public async Task It_is_found_by_its_name_and_command_line_and_by_a_pid_file()
    {
        using TempFolder folder = new();
        string program = folder.PathOf("ci-runner-to-find");
        File.Copy("/bin/sleep", program);
        await using ServiceProcess helper = ServiceProcess.Start(program, ["301"]);
        await using ServiceProcess process = ServiceProcess.Start(program, ["300"]);
        ProcessFinder byName = new(_proc, null, ["ci-runner-to-find"], line => line.Contains("300", StringComparer.Ordinal));
        await Eventually.TrueAsync(() => byName.Find() == process.Pid, "the process by name");
        Assert.That(byName.Problem, Is.Null);

        string file = folder.Write("runner.pid", process.Pid.ToString(CultureInfo.InvariantCulture) + "\n");
        ProcessFinder byFile = new(_proc, file, []);
        Assert.That(byFile.Find(), Is.EqualTo(process.Pid));

        process.Signal(Signals.Kill);
        await process.WaitForExitAsync();
        Assert.That(byFile.Find(), Is.Null);
        Assert.That(byFile.Problem, Does.Contain("does not run"));
        Assert.That(byName.Find(), Is.Null);
        Assert.That(new ProcessFinder(_proc, folder.Write("bad.pid", "abc"), []) is { } bad && bad.Find() is null, Is.True);
    }

    [Test]
    public async Task Children_command_lines_and_variables_are_seen()
    {
        await using ServiceProcess process = ServiceProcess.Start(
            "/bin/bash", ["-c", "sleep 300 & sleep 301 & wait"], new Dictionary<string, string>(StringComparer.Ordinal) { ["OBSERVED"] = "yes" });
        await Eventually.TrueAsync(() => _proc.Children(process.Pid).Count == 2, "two children");
        await Eventually.TrueAsync(
            () => _proc.Children(process.Pid).All(child => _proc.CommandLine(child) is ["sleep", "300" or "301"]), "their command lines");
        Assert.That(_proc.Variable(process.Pid, "OBSERVED"), Is.EqualTo("yes"));
        Assert.That(_proc.Executable(process.Pid), Does.EndWith("bash"));
        Assert.That(_proc.Stat(_proc.Children(process.Pid)[0])!.Parent, Is.EqualTo(process.Pid));
    }

    [Test]
    public async Task What_an_unprivileged_observer_cannot_see_is_null_and_not_zero()
    {
        Requires.Root();
        // As an unprivileged user sees a process of root: asked of the kernel by such a user.
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            Requires.Program("setpriv", "util-linux"), ["--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sh", "-c", "ls /proc/1/fd; readlink /proc/1/exe; cat /proc/1/stat"]);
        Assert.That(output, Does.Contain("ermission denied"), $"{exitCode}");
        using TempFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("7"));
        folder.Write("stat", "btime 1700000000\n");
        folder.Write("7/stat", "7 (runner) S 1 7 7 0 -1 0 0 0 0 0 150 50 0 0 20 0 13 0 1000 4096000 10 0 0 0 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n");
        ProcessSample sample = ProcessSample.Take(new ProcFolder(folder.Path), 7)!;
        Assert.That(sample.OpenFiles, Is.Null);
        Assert.That(sample.MaxFiles, Is.Null);
        Assert.That(sample.CpuSeconds, Is.EqualTo(2));
        Assert.That(sample.StartTime, Is.EqualTo(1700000010));
    }
}
