using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>A fake runner's day, step by step, with what is to be seen after each.</summary>
public sealed class TimelineTests
{
    [Test]
    public async Task Jobs_of_the_shell_executor_from_start_to_restart()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        folder.Write("config.toml", "concurrent = 4\n[[runners]]\n  token = \"shelltok0123456789\"\n  executor = \"shell\"\n  limit = 2\n");
        await using Observer observer = await Observer.StartAsync(folder, runner.Pid);

        Log(folder, "Starting multi-runner from /etc/alloy-runner/config.toml ...  builds=0", Received(1));
        await observer.ScrapeUntilAsync(text => text.Value("ci_runner_builds", ("state", "pending")) == 1, "a job that is prepared");
        await runner.StartGitAsync("one");
        await observer.ScrapeUntilAsync(text => text.Value("ci_runner_builds", ("state", "running"), ("stage", "get_sources")) == 1, "sources to be fetched");
        await runner.StopJobAsync("one");
        Log(folder, Received(2));
        await runner.StartJobAsync("two");
        await runner.StartUploadAsync("three");
        ScrapedText scrape = await observer.ScrapeUntilAsync(
            text => text.Value("ci_runner_builds", ("stage", "build_script")) == 1 && text.Value("ci_runner_builds", ("stage", "upload_artifacts")) == 1, "two jobs in two stages");
        Assert.That(scrape.Value("runner_concurrency_saturation_ratio"), Is.EqualTo(0.5));
        Assert.That(scrape.Value("runner_limit", ("runner", "shelltok")), Is.EqualTo(2));
        Assert.That(scrape.All("runner_job_stage_duration_seconds_count", ("stage", "get_sources")).Single().Value, Is.EqualTo(1));

        await runner.StopJobAsync("two");
        await runner.StopJobAsync("three");
        Log(folder, "WARNING: Job failed: exit status 3                  job=1 project=77 runner=shelltok", "Job succeeded                                       job=2 project=77 runner=shelltok");
        scrape = await observer.ScrapeUntilAsync(text => !text.All("ci_runner_builds").Any(), "both jobs to end");
        Assert.That(scrape.Value("runner_jobs_finished_total", ("result", "success")), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_jobs_finished_total", ("result", "script_failure")), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_log_messages_total", ("level", "warning")), Is.EqualTo(1));

        Log(folder, Received(3));
        await observer.ScrapeUntilAsync(text => text.All("ci_runner_builds").Sum(sample => sample.Value) == 1, "a third job");
        await runner.KillAsync();
        await observer.ScrapeUntilAsync(text => text.Value("runner_up") == 0 && !text.All("ci_runner_builds").Any(), "the runner to be gone with its job");
        await using FakeRunner next = await FakeRunner.StartAsync();
        folder.Write("runner.pid", $"{next.Pid}");
        Log(folder, "Starting multi-runner from /etc/alloy-runner/config.toml ...  builds=0", Received(4));
        scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_up") == 1 && text.All("ci_runner_builds").Sum(sample => sample.Value) == 1, "the next runner and its job");
        Assert.That(scrape.Value("runner_restarts_total"), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_jobs_started_total", ("runner", "shelltok")), Is.EqualTo(4));

        string all = scrape.Text + string.Join('\n', observer.Process.Log) + await observer.GetAsync("/");
        Assert.That(all, Does.Not.Contain(FakeRunner.Secret).And.Not.Contain("shelltok0123456789"));
        Assert.That(await observer.StopAsync(), Is.Zero);
    }

    [Test]
    public async Task A_program_that_others_may_write_to_is_not_run()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        File.SetUnixFileMode(runner.Program, File.GetUnixFileMode(runner.Program) | UnixFileMode.OtherWrite);
        folder.Write("config.toml", "concurrent = 1\n");
        await using Observer observer = await Observer.StartAsync(folder, runner.Pid);
        await Eventually.TrueAsync(() => observer.Process.Log.Any(line => line.Contains("The runner's version is not known", StringComparison.Ordinal)), "the reason");
        Assert.That(observer.Process.Log, Has.Some.Contains("could have been changed by others"));
        ScrapedText scrape = await observer.ScrapeAsync();
        Assert.That((scrape.Value("runner_up"), scrape.All("ci_runner_version_info").Any()), Is.EqualTo((1d, false)));
    }

    [Test]
    public async Task Docker_machines_come_are_used_and_go()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        folder.Write("config.toml", "concurrent = 4\n[[runners]]\n  token = \"machtok0123456789\"\n  executor = \"docker+machine\"\n");
        File.Copy("/bin/bash", folder.PathOf("docker-machine"));
        await using Observer observer = await Observer.StartAsync(folder, runner.Pid);

        await runner.StartJobAsync("create", $"exec {folder.PathOf("docker-machine")} -c \"sleep 300; true\" create --driver x runner-machtok0-auto-1");
        Directory.CreateDirectory(folder.PathOf("machine/machines/runner-machtok0-auto-1"));
        await observer.ScrapeUntilAsync(text => text.Value("ci_docker_machines_provider", ("state", "creating")) == 1 && text.Value("ci_docker_machines_provider", ("state", "idle")) == 0, "a machine to be created");
        await runner.StopJobAsync("create");
        Log(folder, "Machine created                                     name=runner-machtok0-auto-1 now=2026 retries=0 time=31.5s");
        await observer.ScrapeUntilAsync(text => text.Value("ci_docker_machines", ("type", "created")) == 1 && text.Value("ci_docker_machines_provider", ("state", "idle")) == 1, "an idle machine");
        Log(folder, Received(7), "Starting docker-machine build...                    created=x docker=tcp://1.2.3.4:2376 job=7 name=runner-machtok0-auto-1 project=1 runner=machtok0 usedcount=1");
        await observer.ScrapeUntilAsync(text => text.Value("ci_docker_machines_provider", ("state", "used")) == 1 && text.Value("ci_docker_machines", ("type", "used")) == 1, "a machine in use");
        Log(folder, "Job succeeded                                       job=7 project=1 runner=machtok0", "WARNING: Removing machine                           created=x name=runner-machtok0-auto-1 reason=Too many builds usedCount=1");
        await observer.ScrapeUntilAsync(text => text.Value("ci_docker_machines_provider", ("state", "removing")) == 1, "a machine to be removed");
        Directory.Delete(folder.PathOf("machine/machines/runner-machtok0-auto-1"));
        Log(folder, "Machine removed                                     created=x name=runner-machtok0-auto-1 now=y reason=Too many builds retries=0 used=1s usedCount=1");
        await observer.ScrapeUntilAsync(
            text => text.Value("ci_docker_machines", ("type", "removed")) == 1 && text.All("ci_docker_machines_provider").Sum(sample => sample.Value) == 0, "a machine that is gone");
    }

    [TestCase("alloy", "ci_runner_failed_jobs_total", "ci_docker_machines_provider_machine_creation_duration_seconds_count")]
    [TestCase("gitlab", "gitlab_runner_failed_jobs_total", "gitlab_runner_autoscaling_machine_creation_duration_seconds_count")]
    public async Task Other_profiles_give_other_runners_names(string profile, string failed, string created)
    {
        using TempFolder folder = new();
        folder.Write("config.toml", "concurrent = 4\n[[runners]]\n  token = \"glrt-t1_gitlabtok0123456789\"\n  limit = 3\n");
        folder.Write("runner.log",
            "{\"job\":9,\"level\":\"info\",\"msg\":\"Checking for jobs... received\",\"runner\":\"gitlabtok\",\"time\":\"2026-01-02T03:04:05Z\"}\n"
            + "{\"builds\":1,\"job\":9,\"level\":\"info\",\"msg\":\"Added job to processing list\",\"runner\":\"gitlabtok\",\"time\":\"2026-01-02T03:04:05Z\",\"time_in_queue_seconds\":12}\n"
            + "{\"duration_s\":40.5,\"job\":9,\"level\":\"warning\",\"msg\":\"Job failed: exit status 1\",\"runner\":\"gitlabtok\",\"time\":\"2026-01-02T03:04:45Z\"}\n"
            + "{\"builds\":0,\"job\":9,\"level\":\"info\",\"msg\":\"Removed job from processing list\",\"runner\":\"gitlabtok\",\"time\":\"2026-01-02T03:04:45Z\"}\n");
        await using Observer observer = await Observer.StartAsync(folder, null, "--profile", profile);
        ScrapedText scrape = await observer.ScrapeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(scrape.Value(failed, ("runner", "gitlabtok"), ("failure_reason", "script_failure")), Is.EqualTo(1));
            Assert.That(scrape.All(created), Is.Not.Empty);
            Assert.That(scrape.Value("runner_job_queue_seconds_sum"), Is.EqualTo(12));
            Assert.That(scrape.Value("runner_job_duration_seconds_sum"), Is.EqualTo(40.5));
            Assert.That(scrape.Value("runner_limit", ("runner", "gitlabtok")), Is.EqualTo(3));
            Assert.That(scrape.Value("runner_log_lines_unparsed_total"), Is.Zero);
        });
        Assert.That((await PythonParser.TextAsync(scrape.Text)).Error, Is.Null);
    }

    [Test]
    public async Task A_changed_configuration_comes_into_force_and_a_broken_one_does_not()
    {
        using TempFolder folder = new();
        folder.Write("config.toml", "concurrent = 4\n");
        await using Observer observer = await Observer.StartAsync(folder);
        Assert.That((await observer.ScrapeAsync()).Value("runner_concurrency_limit"), Is.EqualTo(4));
        folder.Write("config.toml", "concurrent = 8 # more\n");
        observer.Process.Signal(Signals.HangUp);
        await observer.ScrapeUntilAsync(text => text.Value("runner_concurrency_limit") == 8, "the limit to change");
        folder.Write("config.toml", "concurrent = 9\n[[runners]\ntoken = \"secret\"\n");
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_config_readable") == 0, "the mistake to be noticed without a signal");
        Assert.That(scrape.Value("runner_concurrency_limit"), Is.EqualTo(8));
        Assert.That(string.Join('\n', observer.Process.Log), Does.Contain("line 2, column 10").And.Not.Contain("secret"));
    }

    [Test]
    public async Task A_line_is_seen_soon_after_it_was_written()
    {
        using TempFolder folder = new();
        folder.Write("runner.log", "");
        await using Observer observer = await Observer.StartAsync(folder);
        await observer.ScrapeAsync();
        for (int job = 1; job <= 3; job++)
        {
            Log(folder, Received(job));
            await observer.ScrapeUntilAsync(text => text.Value("runner_jobs_started_total", ("runner", "shelltok")) == job, "the job");
        }
    }

    private static string Received(int job) => $"Checking for jobs... received                       job={job} repo_url=http://ci/x.git runner=shelltok";

    private static void Log(TempFolder folder, params string[] lines) => File.AppendAllText(folder.PathOf("runner.log"), string.Concat(lines.Select(line => line + "\n")));
}
