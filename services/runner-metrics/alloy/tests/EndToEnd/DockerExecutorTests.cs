using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>Jobs of the docker executor: a fake runner, its log, and containers of a real engine with the executor's labels.</summary>
[NonParallelizable]
public sealed class DockerExecutorTests
{
    private const string Label = "com.gitlab.gitlab-runner.";
    private const string Config = "concurrent = 4\n[[runners]]\n  token = \"docktok0123456789\"\n  executor = \"docker\"\n";

    /// <summary>The third run of a helper has a process as caches have it, the fourth one as uploads have it.</summary>
    private const string Runs = """
        n=0; if [ -e /n ]; then n=$(cat /n); fi; n=$((n+1)); echo $n > /n
        case $n in
        3) sh -c 'sleep 300; true' cache-extractor;;
        4) sh -c 'sleep 300; true' artifacts-uploader;;
        *) sleep 300;;
        esac
        """;

    private Dockerd _engine = null!;

    [OneTimeSetUp]
    public async Task StartEngine() => _engine = await Dockerd.StartAsync();

    [OneTimeTearDown]
    public async Task StopEngine()
    {
        if (_engine is not null) await _engine.DisposeAsync();
    }

    [TearDown]
    public Task RemoveContainers() => _engine.RemoveAllAsync();

    [Test]
    public async Task Containers_give_jobs_their_state_and_stage()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        folder.Write("config.toml", Config);
        string log = folder.Write("runner.log", "Starting multi-runner from x ...  builds=0\n");
        await using Observer observer = await Observer.StartAsync(folder, runner.Pid, "--docker.host", _engine.Host);
        await observer.ScrapeUntilAsync(text => text.Value("runner_docker_up") == 1, "the engine to be watched");

        File.AppendAllText(log, "Checking for jobs... received                       job=71 repo_url=x runner=docktok0\n");
        await StageAsync("pending", "");
        await CreateAsync("service", "service", "sleep 300");
        await CreateAsync("helper", "predefined", Runs);
        await CreateAsync("build", "build", Runs);
        await _engine.DockerAsync("start", "runner-service");
        // A service is no stage of a job, and a container of somebody else is none either.
        await _engine.RunAsync("runner-other", "sleep 300");
        await RunAsync("helper", "prepare_script");
        await RunAsync("helper", "get_sources");
        await RunAsync("helper", "restore_cache");
        await RunAsync("build", "build_script");
        await RunAsync("build", "after_script");
        await RunAsync("helper", "upload_artifacts");
        ScrapedText scrape = await observer.ScrapeAsync();
        foreach (string stage in (string[])["prepare_script", "get_sources", "build_script", "after_script"])
            Assert.That(scrape.Value("runner_job_stage_duration_seconds_count", ("stage", stage)), Is.EqualTo(1), stage);

        File.AppendAllText(log, "Job succeeded                                       job=71 project=1 runner=docktok0\n");
        scrape = await observer.ScrapeUntilAsync(text => !text.All("ci_runner_builds").Any(), "the job to end, with its containers still there");
        Assert.That(scrape.Value("runner_docker_failures_total", ("reason", "unreachable")), Is.Zero);

        Task StageAsync(string state, string stage) => observer.ScrapeUntilAsync(
            text => text.All("ci_runner_builds").Sum(sample => sample.Value) == 1 && text.Value("ci_runner_builds", ("state", state), ("stage", stage)) == 1, $"{state} {stage}");

        async Task RunAsync(string container, string stage)
        {
            await _engine.DockerAsync("start", $"runner-{container}");
            await StageAsync("running", stage);
            await _engine.DockerAsync("kill", $"runner-{container}");
            // Between two stages it is still the last one.
            await StageAsync("running", stage);
        }
    }

    [Test]
    public async Task What_runs_already_is_found_and_an_engine_that_goes_and_comes_back_too()
    {
        using TempFolder folder = new();
        folder.Write("config.toml", Config);
        folder.Write("runner.log", "Checking for jobs... received                       job=71 repo_url=x runner=docktok0\n");
        await CreateAsync("build", "build", Runs);
        await _engine.DockerAsync("start", "runner-build");
        await using Observer observer = await Observer.StartAsync(folder, null, "--docker.host", _engine.Host);
        await observer.ScrapeUntilAsync(text => text.Value("ci_runner_builds", ("state", "running"), ("stage", "build_script")) == 1, "the container that runs");

        await _engine.KillAsync();
        ScrapedText scrape = await observer.ScrapeUntilAsync(
            text => text.Value("runner_docker_up") == 0 && text.Value("runner_docker_failures_total", ("reason", "unreachable")) > 0, "the engine to be missed");
        Assert.That(scrape.Value("ci_runner_builds", ("state", "running"), ("stage", "unknown")), Is.EqualTo(1));
        await _engine.LaunchAsync();
        await observer.ScrapeUntilAsync(text => text.Value("runner_docker_up") == 1, "the engine to be watched again");
        await Eventually.TrueAsync(async () => (await _engine.DockerAsync("inspect", "--format", "{{.State.Running}}", "runner-build")) == "false", "the engine to know that its container ended");
        await _engine.DockerAsync("start", "runner-build");
        await observer.ScrapeUntilAsync(text => text.Value("ci_runner_builds", ("state", "running"), ("stage", "after_script")) == 1, "its second run");
    }

    [Test]
    public async Task Without_an_engine_the_reason_is_told_and_all_else_works()
    {
        using TempFolder folder = new();
        folder.Write("config.toml", Config);
        folder.Write("runner.log", "Checking for jobs... received                       job=71 repo_url=x runner=docktok0\n");
        await using Observer observer = await Observer.StartAsync(folder, null, "--docker.host", $"unix://{folder.PathOf("none.sock")}");
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_docker_failures_total", ("reason", "unreachable")) > 0, "the engine to be missed");
        Assert.That(scrape.Value("runner_docker_up"), Is.Zero);
        Assert.That(scrape.Value("ci_runner_builds", ("state", "running"), ("stage", "unknown")), Is.EqualTo(1));
        await observer.Process.WaitForAsync(line => line.Contains("none.sock", StringComparison.Ordinal) && line.Contains("level=warn", StringComparison.Ordinal));
        // A runner without such jobs needs none.
        folder.Write("config.toml", Config.Replace("docker", "shell", StringComparison.Ordinal));
        await observer.ScrapeUntilAsync(text => text.Value("runner_docker_up") is null, "nobody to miss it");
    }

    [Test]
    public async Task A_containers_log_is_read_and_that_of_the_container_that_takes_its_place()
    {
        using TempFolder folder = new();
        await StartLoggingAsync("first", "Checking for jobs... received                       job=1 repo_url=x runner=t", "Job succeeded                                       job=1 project=1 runner=t");
        await using Observer observer = await Observer.StartAsync(folder, null, "--docker.host", _engine.Host, "--log-container", "first");
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_jobs_finished_total", ("result", "success")) == 1, "the container's first lines");
        Assert.That((scrape.Value("runner_log_up", ("source", "file")), scrape.Value("runner_log_lines_unparsed_total")), Is.EqualTo((1d, 0d)));
        Assert.That(scrape.Value("runner_job_duration_seconds_count"), Is.EqualTo(1), "the engine writes when each line came");

        await _engine.DockerAsync("rm", "-f", "first");
        await StartLoggingAsync("first", "Checking for jobs... received                       job=2 repo_url=x runner=t", "WARNING: Job failed: exit code 1                    job=2 project=1 runner=t");
        scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_jobs_finished_total", ("result", "script_failure")) == 1, "the next container's lines");
        Assert.That(scrape.Value("runner_jobs_started_total", ("runner", "t")), Is.EqualTo(2));
        Assert.That(scrape.Value("runner_log_gaps_total"), Is.Zero);
    }

    [Test]
    public async Task A_runner_in_a_container_is_found_with_its_log()
    {
        using TempFolder folder = new();
        // A script's name is its process's.
        string program = $"alloy-{Environment.ProcessId}";
        await _engine.RunAsync(
            "in-container",
            $"printf '#!/bin/sh\\necho \"Checking for jobs... received                       job=5 repo_url=x runner=t\" >&2\\nsleep 300; true\\n' > /{program}; busybox chmod +x /{program}; exec /{program} run");
        await using Observer observer = await Observer.StartAsync(folder, null, "--docker.host", _engine.Host, "--process-name", program);
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_jobs_started_total", ("runner", "t")) == 1, "the log of the runner's container");
        Assert.That(scrape.Value("runner_up"), Is.EqualTo(1));
    }

    private Task<string> StartLoggingAsync(string name, params string[] lines) =>
        _engine.RunAsync(name, $"{string.Join("; ", lines.Select(line => $"echo '{line}' >&2"))}; sleep 300");

    private Task<string> CreateAsync(string name, string type, string script) => _engine.DockerAsync(
        "create", "--network", "none", "--name", $"runner-{name}", "--label", $"{Label}job.id=71", "--label", $"{Label}type={type}", "--label", $"{Label}runner.id=docktok0",
        "busybox", "/bin/sh", "-c", script.Replace("        ", "", StringComparison.Ordinal));
}
