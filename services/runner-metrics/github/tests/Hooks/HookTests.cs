using System.Diagnostics;
using CiMetrics.Durable;
using CiMetrics.GitHubRunner.Hooks;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Hosting;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Hooks;

public sealed class HookTests
{
    [Test]
    public async Task The_scripts_write_events_as_the_runner_runs_them()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("it's here"), "r");
        HookInstaller.Install(runner.Folder);
        foreach ((string name, _) in HookScripts.All)
        {
            Stopwatch watch = Stopwatch.StartNew();
            (int exitCode, string output) = await RunAsync(runner, name);
            await TestContext.Out.WriteLineAsync($"{name}: {watch.Elapsed.TotalMilliseconds:0} ms");
            Assert.That((exitCode, output), Is.EqualTo((0, "")));
        }
        string[] files = Directory.GetFiles(HookScripts.SpoolOf(runner.Folder));
        Fact.Hook?[] events = [.. files.Select(file => HookEvent.Read("r", File.ReadAllText(file))).OrderByDescending(hook => hook?.IsStart)];
        Assert.That(events.Select(hook => (hook?.IsStart, hook?.RunId, hook?.Attempt)), Is.EqualTo(new (bool?, long?, int?)[] { (true, 42, 3), (false, 42, 3) }));
        Assert.That(events[0]!.At, Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task A_spool_that_is_gone_or_full_fails_no_job()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        HookInstaller.Install(runner.Folder);
        string spool = HookScripts.SpoolOf(runner.Folder);
        for (int i = 0; i < 5000; i++) File.WriteAllText(Path.Combine(spool, $"{i}.event"), "");
        Assert.That(await RunAsync(runner, "started"), Is.EqualTo((0, "")));
        Assert.That(Directory.GetFiles(spool), Has.Length.EqualTo(5000));
        Directory.Delete(spool, recursive: true);
        Assert.That(await RunAsync(runner, "completed"), Is.EqualTo((0, "")));
    }

    [Test]
    public void Installing_keeps_the_lines_that_are_there_and_removing_leaves_just_these()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        string environment = Path.Combine(runner.Folder, ".env");
        File.WriteAllText(environment, "LANG=C.UTF-8\nhttps_proxy=http://p:1\n");
        string[] before = Directory.GetFileSystemEntries(runner.Folder);
        HookInstaller.Install(runner.Folder);
        HookInstaller.Install(runner.Folder);
        Assert.That(File.ReadAllLines(environment), Is.EqualTo(new[]
        {
            "LANG=C.UTF-8", "https_proxy=http://p:1", $"ACTIONS_RUNNER_HOOK_JOB_STARTED={runner.Folder}/metrics-hooks/job-started.sh", $"ACTIONS_RUNNER_HOOK_JOB_COMPLETED={runner.Folder}/metrics-hooks/job-completed.sh",
        }));
        HookInstaller.Remove(runner.Folder);
        Assert.That(File.ReadAllText(environment), Is.EqualTo("LANG=C.UTF-8\nhttps_proxy=http://p:1\n"));
        Assert.That(Directory.GetFileSystemEntries(runner.Folder), Is.EquivalentTo(before));
        HookInstaller.Remove(runner.Folder);
    }

    [Test]
    public void The_environment_stays_the_file_that_it_was_with_its_owner_and_its_ends_of_lines()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        string environment = Path.Combine(runner.Folder, ".env");
        File.WriteAllText(environment, "LANG=C.UTF-8\r\nA=b");
        File.SetUnixFileMode(environment, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        FileIdentity before = FileIdentity.Of(environment)!;
        HookInstaller.Install(runner.Folder);
        Assert.That(File.ReadAllText(environment), Is.EqualTo(
            $"LANG=C.UTF-8\r\nA=b\nACTIONS_RUNNER_HOOK_JOB_STARTED={runner.Folder}/metrics-hooks/job-started.sh\nACTIONS_RUNNER_HOOK_JOB_COMPLETED={runner.Folder}/metrics-hooks/job-completed.sh\n"));
        Assert.That(FileIdentity.Of(environment)!.IsSameFileAs(before), "after installing");
        HookInstaller.Remove(runner.Folder);
        Assert.That(File.ReadAllText(environment), Is.EqualTo("LANG=C.UTF-8\r\nA=b\n"));
        Assert.That(FileIdentity.Of(environment)!.IsSameFileAs(before), "after removing");
    }

    [Test]
    public void An_environment_that_installing_made_is_removed_with_the_hooks()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        string[] before = Directory.GetFileSystemEntries(runner.Folder);
        HookInstaller.Install(runner.Folder);
        HookInstaller.Remove(runner.Folder);
        Assert.That(Directory.GetFileSystemEntries(runner.Folder), Is.EquivalentTo(before));
    }

    [Test]
    public async Task What_a_job_names_itself_changes_no_other_line_of_the_event()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        HookInstaller.Install(runner.Folder);
        await ServiceProcess.RunAsync("/bin/bash", ["-e", HookScripts.PathOf(runner.Folder, "started")], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["GITHUB_RUN_ID"] = "42",
            ["GITHUB_RUN_ATTEMPT"] = "3",
            ["GITHUB_REPOSITORY"] = "octo/app",
            ["GITHUB_API_URL"] = "https://api.github.com",
            ["GITHUB_JOB"] = "x\nevent=completed\nrun_id=1\nrepository=other/one\n" + new string('y', 10_000),
        });
        string text = await File.ReadAllTextAsync(Directory.GetFiles(HookScripts.SpoolOf(runner.Folder)).Single());
        Assert.That(HookEvent.Read("r", text), Is.EqualTo(new Fact.Hook("r", IsStart: true, 42, 3, HookEvent.Read("r", text)!.At) { Repository = "octo/app", ApiUrl = "https://api.github.com" }));
    }

    [TestCase("octo/app", "octo/app")]
    [TestCase("", "")]
    [TestCase("octo", "")]
    [TestCase("octo/app/../../user", "")]
    [TestCase("../x", "../x")]
    [TestCase("octo/a b", "")]
    public void A_repository_is_an_owner_and_a_name(string given, string expected) =>
        Assert.That(HookEvent.Read("r", $"event=started\ntime=1\nrepository={given}\n")!.Repository, Is.EqualTo(expected));

    [Test]
    public void Another_hook_is_left_alone_and_a_folder_without_a_runner_is_refused()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        string environment = Path.Combine(runner.Folder, ".env");
        File.WriteAllText(environment, "ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/mine.sh\n");
        Assert.That(() => HookInstaller.Install(runner.Folder), Throws.InstanceOf<ServiceFailedException>().With.Message.Contains("/opt/mine.sh"));
        Assert.That(File.ReadAllText(environment), Is.EqualTo("ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/mine.sh\n"));
        Assert.That(() => HookInstaller.Install(folder.Path), Throws.InstanceOf<ServiceFailedException>().With.Message.Contains("there is no runner"));
    }

    [TestCase("event=started\ntime=1700000000,5\nrun_id=7\nrun_attempt=2\n", true)]
    [TestCase("event=started\ntime=x\n", false)]
    [TestCase("event=stopped\ntime=1\n", false)]
    [TestCase("time=1\n", false)]
    [TestCase("", false)]
    public void A_file_is_an_event_or_is_not(string text, bool isEvent) => Assert.That(HookEvent.Read("r", text) is not null, Is.EqualTo(isEvent));

    // As the runner does it: bash -e, and the job's variables.
    private static Task<(int, string)> RunAsync(SimulatedRunner runner, string name) => ServiceProcess.RunAsync(
        "/bin/bash", ["-e", HookScripts.PathOf(runner.Folder, name)],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["GITHUB_RUN_ID"] = "42", ["GITHUB_RUN_ATTEMPT"] = "3", ["GITHUB_JOB"] = "build" });
}
