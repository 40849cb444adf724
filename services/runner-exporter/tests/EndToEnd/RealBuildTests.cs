using System.Diagnostics;
using System.Globalization;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>The published exporter beside a real Docker engine with real containers.</summary>
[NonParallelizable]
public sealed class RealBuildTests
{
    private const string Status = "bitbucket_agent_build_status";
    private Dockerd _engine = null!;
    private Exporter _exporter = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _engine = await Dockerd.StartAsync();
        _exporter = await Exporter.StartAsync(_engine.Host, "-extra-label", "environment=production", "-sample-interval=1s", "-reconcile-interval=2s", "-finished-ttl=0s");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_docker_up") == 1, "the engine to be found");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_exporter is not null) await _exporter.DisposeAsync();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    [TearDown]
    public async Task RemoveContainersAsync()
    {
        await _engine.RemoveAllAsync();
        await _exporter.ScrapeUntilAsync(IsIdle, "the exporter to be idle again");
    }

    [Test]
    public async Task Idle_is_a_single_zero_with_empty_uuids_and_the_extra_labels()
    {
        ScrapedText scrape = await _exporter.ScrapeAsync();
        Assert.That(scrape.Text, Does.Contain("""bitbucket_agent_build_status{runner_uuid="",pipeline_uuid="",environment="production"} 0"""));
        Assert.That(scrape.Samples.Count(sample => sample.Name.StartsWith("bitbucket_agent_build_", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_burner_with_half_a_core_shows_what_its_own_cgroup_shows()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        string id = await _engine.RunAsync(name, "while :; do :; done", "--cpus", "0.5", "--memory", "64m");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_cpu_usage_cores", labels) is > 0, "the burner's cores");

        (long usage, long at) before = await ReadCpuAsync(id);
        List<double> shown = [];
        for (int i = 0; i < 6; i++)
        {
            await Task.Delay(1000);
            shown.Add((await _exporter.ScrapeAsync()).Value("bitbucket_agent_build_cpu_usage_cores", labels)!.Value);
        }

        (long usage, long at) after = await ReadCpuAsync(id);
        double cores = (after.usage - before.usage) / (double)(after.at - before.at);
        // What is shown once the reading is sampled lies between two readings of ours.
        ScrapedText last = await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_cpu_seconds_total", labels) >= after.usage / 1e9, "what the cgroup showed");
        double atMost = (await ReadCpuAsync(id)).Usage / 1e9;
        Assert.Multiple(() =>
        {
            Assert.That(last.Value("bitbucket_agent_build_cpu_seconds_total", labels), Is.LessThanOrEqualTo(atMost));
            // The exporter's samples and ours are up to a second apart: the counters are compared more closely below.
            Assert.That(shown.Average(), Is.EqualTo(cores).Within(0.2), $"cgroup: {cores}, shown: {string.Join(' ', shown)}");
            Assert.That(last.Value(Status, labels), Is.EqualTo(1));
            Assert.That(last.Value("bitbucket_agent_build_cpu_limit_cores", labels), Is.EqualTo(0.5));
            Assert.That(last.Value("bitbucket_agent_build_memory_limit", labels), Is.EqualTo(64 << 20));
            Assert.That(last.Value("bitbucket_agent_build_memory_usage", labels), Is.InRange(1, 64 << 20));
            Assert.That(last.Value("bitbucket_agent_build_pids", labels), Is.EqualTo(1));
            Assert.That(last.Value("bitbucket_agent_build_network_receive_bytes", labels), Is.Zero);
        });
    }

    [Test]
    public async Task Block_writes_and_processes_are_the_cgroups()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        // Direct writes: buffered ones are written back by the kernel on nobody's account.
        string id = await _engine.RunAsync(name, "dd if=/dev/zero of=/tmp/f bs=1M count=8 oflag=direct; sleep 600 & sleep 600 & sleep 600 & wait", BlockAccounting.DockerOptions);
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_build_block_output_bytes", labels) >= 8 << 20, "eight megabytes written");
        string[] lines = await File.ReadAllLinesAsync($"/sys/fs/cgroup/blkio/docker/{id}/blkio.throttle.io_service_bytes_recursive");
        double written = lines.Where(line => line.Contains(" Write ", StringComparison.Ordinal)).Sum(line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture));
        Assert.That(scrape.Value("bitbucket_agent_build_block_output_bytes", labels), Is.EqualTo(written));
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", labels) == 4, "the shell and three sleepers");
    }

    [Test]
    public async Task Twenty_builds_at_once_are_all_shown_and_none_takes_anothers_place()
    {
        (string Name, (string, string)[] Labels)[] builds = [.. Enumerable.Range(0, 20).Select(_ => BuildContainer.New())];
        foreach ((string name, _) in builds) await _engine.RunAsync(name, "sleep 600", "--memory", "16m");
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(
            scrape => scrape.All("bitbucket_agent_build_cpu_usage_cores").Count() == 20, "twenty builds with their cores");
        string[] families = [.. BuildFamilies.All.Where(family => family.Name.StartsWith("bitbucket_agent_build_", StringComparison.Ordinal)).Select(family => family.Name)];
        Assert.That(families, Has.Length.EqualTo(10));
        foreach ((_, (string, string)[] labels) in builds)
        {
            foreach (string family in families) Assert.That(scrape.Value(family, labels), Is.Not.Null, family);
        }

        (int exitCode, string output) = await Promtool.CheckMetricsAsync(scrape.Text);
        // The spec's names break promtool's naming advice (exit 3); what counts is that it parses (not 1).
        Assert.That(exitCode, Is.Not.EqualTo(1), output);
    }

    [Test]
    public async Task A_build_of_300_milliseconds_is_not_missed()
    {
        double before = (await _exporter.ScrapeAsync()).Value("bitbucket_agent_builds_started_total")!.Value;
        const int builds = 10;
        for (int i = 0; i < builds; i++) await _engine.RunAsync(BuildContainer.New().Name, "sleep 0.3", "--rm");
        await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_builds_started_total") == before + builds && IsIdle(scrape), "ten short builds");
    }

    [Test]
    public async Task A_paused_build_stays_visible()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "while :; do :; done", "--cpus", "0.2");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_cpu_usage_cores", labels) > 0.02, "the build to run");
        await _engine.DockerAsync("pause", name);
        ScrapedText paused = await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_build_cpu_usage_cores", labels) < 0.01, "the paused build to use nothing");
        Assert.That(paused.Value(Status, labels), Is.EqualTo(1));
        await _engine.DockerAsync("unpause", name);
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_cpu_usage_cores", labels) > 0.02, "the build to run on");
    }

    [Test]
    public async Task Docker_update_changes_the_limits_of_a_running_build()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600", "--cpu-quota", "50000", "--memory", "64m");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_cpu_limit_cores", labels) == 0.5, "the quota as a limit");
        await _engine.DockerAsync("update", "--cpu-quota", "150000", "--memory", "128m", "--memory-swap", "128m", name);
        ScrapedText updated = await _exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_build_cpu_limit_cores", labels) == Math.Min(1.5, Environment.ProcessorCount), "the new quota");
        Assert.That(updated.Value("bitbucket_agent_build_memory_limit", labels), Is.EqualTo(128 << 20));
    }

    [Test]
    public async Task Other_containers_are_not_shown_and_the_hosts_limits_stand_in_for_none()
    {
        await _engine.RunAsync("my_app_build", "sleep 600");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600");
        ScrapedText scrape = await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", labels) == 1, "the build");
        Assert.That(scrape.All(Status).Count(), Is.EqualTo(1));
        Assert.That(scrape.Value("bitbucket_agent_build_cpu_limit_cores", labels), Is.EqualTo(Environment.ProcessorCount));
        string memTotal = (await File.ReadAllLinesAsync("/proc/meminfo"))[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.That(scrape.Value("bitbucket_agent_build_memory_limit", labels), Is.EqualTo(1024.0 * long.Parse(memTotal, CultureInfo.InvariantCulture)).Within(1).Percent);
    }

    [Test]
    public async Task A_container_renamed_out_of_and_into_a_build_name_goes_and_comes()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync("first", "sleep 600");
        await _engine.DockerAsync("rename", "first", name);
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", labels) == 1, "the renamed build");
        await _engine.DockerAsync("rename", name, "last");
        await _exporter.ScrapeUntilAsync(IsIdle, "the container to be no build any more");
    }

    [Test]
    public async Task Without_the_hosts_proc_the_engines_statistics_serve()
    {
        using TempFolder empty = new();
        await using Exporter overApi = await Exporter.StartAsync(_engine.Host, "-path.procfs", empty.Path, "-sample-interval", "2s");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "while :; do :; done", "--cpus", "0.5", "--memory", "64m");
        ScrapedText scrape = await overApi.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_build_cpu_usage_cores", labels) is > 0.05 and < 0.7, "half a core at most over the API");
        Assert.That(scrape.Value("bitbucket_agent_build_memory_usage", labels), Is.InRange(1, 64 << 20));
        Assert.That(scrape.Value("bitbucket_agent_build_pids", labels), Is.EqualTo(1));
        Assert.That(overApi.Log, Has.Some.Contain("statistics API"));
    }

    [Test]
    public async Task A_real_prometheus_scrapes_it()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600");
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(_exporter.Target);
        (Dictionary<string, string> found, double value) = (await prometheus.QueryUntilAsync($"{Status} == 1"))[0];
        Assert.That(value, Is.EqualTo(1));
        Assert.That(found["runner_uuid"], Is.EqualTo(labels[0].Item2));
        Assert.That(found["environment"], Is.EqualTo("production"));
    }

    [Test]
    public async Task A_scrape_does_not_wait_for_a_sample()
    {
        (string name, (string, string)[] labels) = BuildContainer.New();
        await _engine.RunAsync(name, "sleep 600");
        await _exporter.ScrapeUntilAsync(scrape => scrape.Value(Status, labels) == 1, "the build");
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < 200; i++) await _exporter.ScrapeAsync();
        // The peer takes one to two seconds for each.
        Assert.That(watch.Elapsed / 200, Is.LessThan(TimeSpan.FromMilliseconds(250)));
    }

    private static bool IsIdle(ScrapedText scrape) =>
        scrape.All(Status).Count() == 1 && scrape.Value(Status, ("runner_uuid", ""), ("pipeline_uuid", "")) == 0;

    private static async Task<(long Usage, long At)> ReadCpuAsync(string id)
    {
        long at = (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
        string text = await File.ReadAllTextAsync($"/sys/fs/cgroup/cpuacct/docker/{id}/cpuacct.usage");
        return (long.Parse(text.Trim(), CultureInfo.InvariantCulture), at);
    }
}
