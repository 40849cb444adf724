using System.Diagnostics;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

[NonParallelizable]
public sealed class FirstRunTests
{
    [Test]
    public async Task Beside_a_runner_the_seven_metrics_are_there_and_parsers_read_them()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = Day(folder);
        await using ServiceProcess listener = ListenerStandIn.Start(runner);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder, "--runner-type=chrome");
        await exporter.UntilAsync("github_runner_status", 1);
        (int health, string body) = await exporter.GetAsync("/health");
        Assert.That((health, body), Is.EqualTo((200, "OK\n")));
        string text = (await exporter.ScrapeAsync()).Text;
        Assert.That((await Promtool.CheckMetricsAsync(text)).Output, Does.Not.Contain("github_runner"));
        Assert.That((await PythonParser.TextAsync(text)).Error, Is.Null);
        Golden.Check(Constant(text), "first-run.golden");
    }

    [Test]
    public async Task The_listeners_end_shows_and_its_uptime_is_absent_then()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = Day(folder);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        await using (ServiceProcess listener = ListenerStandIn.Start(runner))
        {
            await exporter.UntilAsync("github_runner_status", 1);
            Assert.That((await exporter.ScrapeAsync()).Value("github_runner_uptime_seconds"), Is.InRange(0, 60));
        }
        await exporter.UntilAsync("github_runner_status", 0);
        Assert.That((await exporter.ScrapeAsync()).All("github_runner_uptime_seconds"), Is.Empty);
    }

    [Test]
    public async Task Before_the_logs_are_read_to_their_end_scrapes_are_refused_at_once()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = Day(folder), other = new(folder.PathOf("other"), "other");
        // So much that it is not over before it is asked; it takes no room.
        using FileStream endless = new(Path.Combine(other.Diag, "Worker_20260101-000000-utc.log"), FileMode.CreateNew);
        endless.SetLength(1L << 40);
        await using ExporterProcess exporter = await ExporterProcess.StartListeningAsync(folder, "--runner-dir", runner.Folder, "--runner-dir", other.Folder);
        Assert.That((await exporter.GetAsync("/-/healthy")).Status, Is.EqualTo(200));
        Assert.That((await exporter.GetAsync("/-/ready")).Status, Is.EqualTo(503));
        (int status, string body) = await exporter.GetAsync("/metrics");
        Assert.That((status, body.Contains(GitHubRunnerService.NotYet, StringComparison.Ordinal)), Is.EqualTo((503, true)), body);
        endless.SetLength(0);
        await Eventually.TrueAsync(async () => (await exporter.GetAsync("/-/ready")).Status == 200, "the end of the logs");
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_jobs_total", ("runner_name", "runner-1"), ("status", "success")), Is.EqualTo(2));
    }

    [Test]
    public async Task Two_runners_and_a_pattern_are_told_apart_by_name()
    {
        using TempFolder folder = new();
        SimulatedRunner one = new(folder.PathOf("runners", "a"), "alpha"), two = new(folder.PathOf("runners", "b"), "beta");
        one.Start(Story.At(0));
        two.Start(Story.At(0));
        one.Run(new SimulatedJob(), Story.At(1), Story.At(2));
        two.Run(new SimulatedJob(), Story.At(1), Story.At(2), "Failed");
        await using ServiceProcess listener = ListenerStandIn.Start(two);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", folder.PathOf("runners", "*"));
        await exporter.UntilAsync("github_runner_status", 1, ("runner_name", "beta"));
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_status", ("runner_name", "alpha")), Is.Zero);
        Assert.That(scrape.Value("github_runner_jobs_total", ("runner_name", "alpha"), ("status", "success")), Is.EqualTo(1));
        Assert.That(scrape.Value("github_runner_jobs_total", ("runner_name", "beta"), ("status", "failed")), Is.EqualTo(1));
    }

    [Test]
    public async Task Name_and_type_come_from_the_environment_of_a_container_and_flags_go_over_them()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = Day(folder);
        Dictionary<string, string> environment = new(StringComparer.Ordinal) { ["RUNNER_NAME"] = "chrome-1", ["RUNNER_TYPE"] = "chrome" };
        await using (ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, environment, "--runner-dir", runner.Folder))
        {
            ScrapedText scrape = await exporter.ScrapeAsync();
            Assert.That(scrape.Value("github_runner_jobs_total", ("runner_name", "chrome-1"), ("runner_type", "chrome"), ("status", "success")), Is.EqualTo(2));
            Assert.That(scrape.Value("github_runner_info", ("runner_name", "chrome-1"), ("runner_type", "chrome"), ("type", "chrome"), ("version", "2.336.0")), Is.EqualTo(1));
            Assert.That(scrape.Text, Does.Not.Contain("\"runner-1\"").And.Not.Contain("\"standard\""));
        }
        using TempFolder other = new();
        await using (ExporterProcess exporter = await ExporterProcess.StartAsync(other, hasWebhook: false, environment, "--runner-dir", runner.Folder, "--runner-name=mine", "--runner-type=go"))
            Assert.That((await exporter.ScrapeAsync()).Value("github_runner_jobs_total", ("runner_name", "mine"), ("runner_type", "go"), ("status", "success")), Is.EqualTo(2));
    }

    [Test]
    public async Task Of_several_runners_each_keeps_its_own_name_whatever_the_environment_says()
    {
        using TempFolder folder = new();
        SimulatedRunner one = new(folder.PathOf("a"), "alpha"), two = new(folder.PathOf("b"), "beta");
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(
            folder, hasWebhook: false, new Dictionary<string, string>(StringComparer.Ordinal) { ["RUNNER_NAME"] = "x" }, "--runner-dir", one.Folder, "--runner-dir", two.Folder);
        Assert.That((await exporter.ScrapeAsync()).All("github_runner_busy").Select(sample => sample.Labels["runner_name"]), Is.EquivalentTo(new[] { "alpha", "beta" }));
    }

    [Test]
    public async Task An_end_is_seen_within_moments_and_credentials_are_not_opened()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        // Opening it would block for ever.
        await ServiceProcess.RunAsync("/usr/bin/mkfifo", [Path.Combine(runner.Folder, ".credentials"), Path.Combine(runner.Folder, ".credentials_rsaparams")]);
        runner.Start(DateTimeOffset.UtcNow);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        await exporter.UntilAsync("github_runner_jobs_total", 0);
        List<double> seconds = [];
        for (int i = 1; i <= 10; i++)
        {
            runner.Run(new SimulatedJob(), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
            Stopwatch watch = Stopwatch.StartNew();
            await exporter.UntilAsync("github_runner_jobs_total", i);
            seconds.Add(watch.Elapsed.TotalSeconds);
        }
        await TestContext.Out.WriteLineAsync($"seen after a median of {seconds.Order().ElementAt(5) * 1000:0} ms");
        Assert.That(seconds.Order().ElementAt(5), Is.LessThan(5), "the documents allow thirty");
        Assert.That(exporter.Log, Has.None.Contains("credentials"));
    }

    [Test]
    public async Task Nothing_to_observe_and_a_webhook_without_a_secret_are_refused_with_what_to_do()
    {
        string program = Published.Binary("github-runner-metrics");
        using TempFolder folder = new();
        (int exitCode, string output) = await ServiceProcess.RunAsync(program, ["serve", "--state-dir", folder.Path]);
        Assert.That((exitCode, output.Contains("--runner-dir", StringComparison.Ordinal)), Is.EqualTo((1, true)), output);
        (exitCode, output) = await ServiceProcess.RunAsync(program, ["serve", "--webhook-listen=:0"]);
        Assert.That((exitCode, output.Contains("--webhook-secret-file", StringComparison.Ordinal)), Is.EqualTo((2, true)), output);
        (exitCode, output) = await ServiceProcess.RunAsync(program, ["serve", "--runner-dir", folder.Path, "--deployment-environments=("]);
        Assert.That((exitCode, output.Contains("must be a regular expression", StringComparison.Ordinal)), Is.EqualTo((2, true)), output);
        (exitCode, output) = await ServiceProcess.RunAsync(program, ["serve", "--runner-dir", folder.Path, "--deployment-job=ship"]);
        Assert.That((exitCode, output.Contains("must be the names of a workflow and of a job", StringComparison.Ordinal)), Is.EqualTo((2, true)), output);
    }

    [Test]
    public async Task Hooks_are_installed_by_a_command_and_their_events_shown_also_those_from_before_the_start()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        string program = Published.Binary("github-runner-metrics");
        Assert.That(await ServiceProcess.RunAsync(program, ["hooks", "install", runner.Folder]), Is.EqualTo((0, $"The job hooks of the runner in {runner.Folder} are installed. It reads its .env when it starts: restart it.")));
        await ServiceProcess.RunAsync("/bin/bash", ["-e", Path.Combine(runner.Folder, "metrics-hooks", "job-started.sh")]);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        await exporter.UntilAsync("github_runner_hook_events_total", 1, ("event", "started"));
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_busy"), Is.EqualTo(1));
        await ServiceProcess.RunAsync("/bin/bash", ["-e", Path.Combine(runner.Folder, "metrics-hooks", "job-completed.sh")]);
        await exporter.UntilAsync("github_runner_busy", 0);
        Assert.That((await ServiceProcess.RunAsync(program, ["hooks", "remove", runner.Folder])).ExitCode, Is.Zero);
        Assert.That(Directory.Exists(Path.Combine(runner.Folder, "metrics-hooks")), Is.False);
        (int exitCode, string output) = await ServiceProcess.RunAsync(program, ["hooks", "install", folder.Path]);
        Assert.That((exitCode, output.Contains("there is no runner", StringComparison.Ordinal)), Is.EqualTo((1, true)), output);
    }

    [Test]
    public async Task Files_that_no_hook_has_written_keep_none_of_its_events_from_being_taken()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        await ServiceProcess.RunAsync(Published.Binary("github-runner-metrics"), ["hooks", "install", runner.Folder]);
        string spool = Path.Combine(runner.Folder, "metrics-hooks", "spool");
        // Opening it would block for ever.
        await ServiceProcess.RunAsync("/usr/bin/mkfifo", [Path.Combine(spool, "0.event")]);
        File.CreateSymbolicLink(Path.Combine(spool, "1.event"), folder.Write("other", "event=completed\ntime=1\n"));
        await ServiceProcess.RunAsync("/bin/bash", ["-e", Path.Combine(runner.Folder, "metrics-hooks", "job-started.sh")]);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        await exporter.UntilAsync("github_runner_hook_events_total", 1);
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_hook_files_refused_total"), Is.EqualTo(2));
        await Eventually.TrueAsync(() => Directory.GetFileSystemEntries(spool).Length == 0, "an empty spool");
    }

    [Test]
    public async Task An_earlier_exporters_jobs_are_imported_once()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = Day(folder);
        string log = folder.Write("jobs.log", """
            timestamp,job_id,status,duration_seconds,queue_time_seconds
            2025-11-16T10:00:00Z,1_build,success,120,0
            2025-11-16T11:00:00Z,2_build,failed,30,0
            2025-11-16T12:00:00Z,3_build,success,x,0
            2027-01-01T00:00:00Z,4_build,success,1,0
            """);
        for (int i = 0; i < 2; i++)
        {
            await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder, "--import-jobs-log", log);
            ScrapedText scrape = await exporter.ScrapeAsync();
            Assert.That(scrape.Value("github_runner_jobs_total", ("status", "success")), Is.EqualTo(2 + 2), "what the runner's own logs tell of is not imported");
            Assert.That(scrape.Value("github_runner_jobs_total", ("status", "failed")), Is.EqualTo(1 + 1));
            Assert.That(scrape.Value("github_runner_job_duration_seconds_sum"), Is.EqualTo(90 + 600 + 45 + 150));
            exporter.Signal(Signals.Terminate);
            Assert.That(await exporter.WaitForExitAsync(), Is.Zero);
        }
    }

    /// <summary>A day: two jobs that succeed, one that fails, one that is cancelled, and one that runs.</summary>
    internal static SimulatedRunner Day(TempFolder folder)
    {
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        runner.Start(Story.At(0));
        runner.Run(new SimulatedJob(), Story.At(10), Story.At(100));
        runner.Run(new SimulatedJob(), Story.At(200), Story.At(800));
        runner.Run(new SimulatedJob(), Story.At(900), Story.At(945), "Failed");
        runner.Run(new SimulatedJob { Name = "x completed with result: Succeeded" }, Story.At(1000), Story.At(1000), "Canceled");
        runner.Begin(new SimulatedJob(), Story.At(1100));
        return runner;
    }

    private static string Constant(string text) => string.Join('\n', text.Split('\n').Where(line =>
        line.Contains("github_runner", StringComparison.Ordinal)
        && !line.StartsWith("github_runner_uptime_seconds{", StringComparison.Ordinal)
        && !line.StartsWith("github_runner_log_", StringComparison.Ordinal)
        && !line.Contains("github_runner_checkpoint_", StringComparison.Ordinal)
        && !line.Contains("loop=\"", StringComparison.Ordinal))) + "\n";
}
