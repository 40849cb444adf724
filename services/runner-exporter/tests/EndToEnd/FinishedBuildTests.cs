using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>What the published exporter shows of builds that a real engine has ended.</summary>
[NonParallelizable]
public sealed class FinishedBuildTests
{
    private const string Build = "bitbucket_agent_build_";
    private Dockerd _engine = null!;
    private Exporter _exporter = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _engine = await Dockerd.StartAsync();
        // After the first two samples none is taken but that of the end.
        _exporter = await Exporter.StartAsync(_engine.Host, "-sample-interval=5m", "-finished-ttl=10m", "-finished-max=1000");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_docker_up") == 1, "the engine to be found");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_exporter is not null) await _exporter.DisposeAsync();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    [Test]
    public async Task A_failed_build_keeps_its_outcome_and_totals_to_its_very_end()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "(while :; do :; done) & sleep 4; kill $!; cat /sys/fs/cgroup/cpuacct/cpuacct.usage; exit 3");
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}exit_code", labels) == 3, "the exit code");
        double own = long.Parse(await _engine.DockerAsync("logs", name), CultureInfo.InvariantCulture) / 1e9;
        double total = scrape.Value($"{Build}cpu_seconds_total", labels)!.Value;
        await TestContext.Out.WriteLineAsync($"CPU seconds: {own} by its own account at the end, {total} shown");
        Assert.Multiple(() =>
        {
            Assert.That(total, Is.GreaterThanOrEqualTo(own).And.LessThan(own + 0.5));
            Assert.That(scrape.Value($"{Build}status", labels), Is.Zero);
            Assert.That(scrape.Value($"{Build}duration_seconds", labels), Is.InRange(3.5, 60));
            Assert.That(
                scrape.Value($"{Build}finish_time_seconds", labels) - scrape.Value($"{Build}start_time_seconds", labels),
                Is.EqualTo(scrape.Value($"{Build}duration_seconds", labels)).Within(0.001));
            Assert.That(scrape.Value($"{Build}network_received_bytes_total", labels), Is.EqualTo(scrape.Value($"{Build}network_receive_bytes", labels)).And.Not.Null);
            foreach (string usage in (string[])["cpu_usage_cores", "cpu_limit_cores", "memory_usage", "memory_limit", "pids", "paused"])
                Assert.That(scrape.Value($"{Build}{usage}", labels), Is.Null, usage);
        });
    }

    [Test]
    public async Task A_killed_build_says_137()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600", "--rm");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}status", labels) == 1, "the build");
        await _engine.DockerAsync("kill", name);
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}exit_code", labels) == 137, "the kill");
        Assert.That(scrape.Value($"{Build}status", labels), Is.Zero);
    }

    [Test]
    public async Task A_child_killed_for_want_of_memory_is_counted_though_the_build_succeeds()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        const string Wait = "while [ ! -e /{0} ]; do sleep 0.1; done";
        await _engine.RunAsync(
            name, $"{Wait.Replace("{0}", "go", StringComparison.Ordinal)}; dd if=/dev/zero of=/dev/null bs=64M count=1; {Wait.Replace("{0}", "end", StringComparison.Ordinal)}; exit 0", "--memory", "16m", "--memory-swap", "16m");
        // On a busy machine a build of milliseconds is over before anybody can look into its cgroup.
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}memory_working_set_bytes", labels) > 0, "the first sample");
        await _engine.DockerAsync("exec", name, "sh", "-c", ": > /go");
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value($"{Build}oom_kills_total", labels) == 1 && (scrape.Value($"{Build}memory_peak_bytes", labels) ?? 16 << 20) >= 8 << 20, "the kill and the peak");
        Assert.That(scrape.Value($"{Build}memory_peak_bytes", labels) ?? 16 << 20, Is.AtMost(16 << 20));
        await _engine.DockerAsync("exec", name, "sh", "-c", ": > /end");
        scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}exit_code", labels) == 0, "the exit code");
        Assert.That(scrape.Value($"{Build}oom_kills_total", labels), Is.EqualTo(1));
    }

    [Test]
    public async Task Throttling_and_memory_are_the_cgroups()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(
            name, "(while :; do :; done) & sleep 3; kill $!; cat /sys/fs/cgroup/cpu/cpu.stat; sleep 1", "--cpus", "0.2", "--memory", "64m", "--pids-limit", "77");
        ScrapedText running = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}memory_working_set_bytes", labels) > 0, "the working set");
        Assert.That(running.Value($"{Build}pids_limit", labels), Is.EqualTo(77));
        Assert.That(running.Value($"{Build}memory_anonymous_bytes", labels), Is.InRange(0, running.Value($"{Build}memory_usage", labels)!));
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}exit_code", labels) == 0, "the end");
        string own = await _engine.DockerAsync("logs", name);
        double throttled = own.Split('\n').Where(line => line.StartsWith("throttled_time ", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)) / 1e9;
        await TestContext.Out.WriteLineAsync($"throttled seconds: {throttled} by its own account, {scrape.Value($"{Build}cpu_throttled_seconds_total", labels)} shown");
        Assert.That(scrape.Value($"{Build}cpu_throttled_seconds_total", labels), Is.InRange(throttled, throttled + 1).And.Positive);
        Assert.That(scrape.Value($"{Build}cpu_throttled_periods_total", labels), Is.InRange(1, scrape.Value($"{Build}cpu_periods_total", labels)!));
    }

    [Test]
    public async Task A_paused_build_is_running_and_says_so()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}paused", labels) == 0, "the build");
        await _engine.DockerAsync("pause", name);
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}paused", labels) == 1, "the pause");
        Assert.That(scrape.Value($"{Build}status", labels), Is.EqualTo(1));
        await _engine.DockerAsync("unpause", name);
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value($"{Build}paused", labels) == 0, "the end of the pause");
    }

    [Test]
    public async Task A_finished_build_vanishes_when_its_time_is_over()
    {
        await using Exporter brief = await Exporter.StartAsync(_engine.Host, "-finished-ttl=6s");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 1", "--rm");
        await brief.ScrapeUntilAsync(scrape => scrape.Value($"{Build}status", labels) == 0 && scrape.Value($"{Build}exit_code", labels) == 0, "the finished build");
        await brief.ScrapeUntilAsync(scrape => !scrape.Samples.Any(sample => sample.Labels.GetValueOrDefault("pipeline_uuid") == labels[1].Item2), "its end");
    }

    [TestCase(100)]
    [TestCase(500, Category = "Stress")]
    public async Task Of_many_short_builds_in_a_row_none_is_lost(int count)
    {
        double before = (await _exporter.ScrapeAsync()).Value("bitbucket_agent_builds_started_total")!.Value;
        HashSet<string> pipelines = [];
        string runner = Guid.NewGuid().ToString();
        for (int i = 0; i < count; i++)
        {
            string pipeline = Guid.NewGuid().ToString();
            pipelines.Add(pipeline);
            await _engine.RunAsync($"{runner}_{pipeline}_build", $"exit {i % 3}", "--rm");
        }

        ScrapedText scrape = await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_builds_started_total") == before + count && Outcomes(scrape).Length == count, "the outcome of every build");
        ScrapedSample[] outcomes = Outcomes(scrape);
        int sampled = scrape.All($"{Build}cpu_seconds_total").Count(sample => pipelines.Contains(sample.Labels["pipeline_uuid"]));
        await TestContext.Out.WriteLineAsync($"{count} builds, {sampled} of them with figures");
        for (int code = 0; code < 3; code++) Assert.That(outcomes.Count(outcome => outcome.Value == code), Is.EqualTo((count + 2 - code) / 3));

        const string totals = "bitbucket_agent_runner_";
        Assert.That(scrape.Value($"{totals}builds_finished_total", ("runner_uuid", runner), ("result", "success")), Is.EqualTo((count + 2) / 3));
        Assert.That(scrape.Value($"{totals}builds_finished_total", ("runner_uuid", runner), ("result", "failure")), Is.EqualTo(count - ((count + 2) / 3)));
        Assert.That(scrape.Value($"{totals}build_duration_seconds_count", ("runner_uuid", runner)), Is.EqualTo(count));
        Assert.That(
            scrape.Value($"{totals}cpu_seconds_total", ("runner_uuid", runner)),
            Is.EqualTo(scrape.All($"{Build}cpu_seconds_total", ("runner_uuid", runner)).Sum(sample => sample.Value)).Within(1e-6));

        ScrapedSample[] Outcomes(ScrapedText scrape) => [.. scrape.All($"{Build}exit_code").Where(sample => pipelines.Contains(sample.Labels["pipeline_uuid"]))];
    }
}
