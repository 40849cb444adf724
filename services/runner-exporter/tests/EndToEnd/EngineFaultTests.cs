using System.Diagnostics;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>What the exporter shows while the engine crashes, hangs or is not there.</summary>
[NonParallelizable]
public sealed class EngineFaultTests
{
    private const string Up = "bitbucket_agent_docker_up";
    private const string Status = "bitbucket_agent_build_status";

    [Test]
    public async Task Without_an_engine_up_is_zero_nothing_looks_idle_and_the_log_says_it_once()
    {
        using TempFolder folder = new();
        await using Exporter exporter = await Exporter.StartAsync($"unix://{folder.PathOf("none.sock")}");
        for (int i = 0; i < 10; i++)
        {
            ScrapedText scrape = await exporter.ScrapeAsync();
            Assert.That(scrape.Value(Up), Is.Zero);
            Assert.That(scrape.All(Status), Is.Empty);
            await Task.Delay(200);
        }

        Assert.That(exporter.Log.Count(line => line.Contains("does not answer", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_killed_engine_is_seen_and_its_return_as_well_while_scrapes_go_on()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        await using Exporter exporter = await Exporter.StartAsync(engine.Host, "-sample-interval=1s", "-reconcile-interval=1s", "-finished-ttl=0s");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await engine.RunAsync(name, "sleep 600");
        await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", labels) == 1, "the build");

        await engine.KillAsync();
        await exporter.ScrapeUntilAsync(scrape => scrape.Value(Up) == 0, "the crash to show");
        // The container runs on without its engine, and its own figures go on coming.
        Assert.That((await exporter.ScrapeAsync()).Value(Status, labels), Is.EqualTo(1));

        await engine.LaunchAsync();
        await exporter.ScrapeUntilAsync(scrape => scrape.Value(Up) == 1, "the engine's return");
        (string second, (string, string)[] secondLabels) = BuildContainer.New();
        await engine.RunAsync(second, "sleep 600");
        ScrapedText after = await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", secondLabels) == 1, "a build after the return");
        // An engine that returns ends what ran before it crashed; the exporter must not keep showing it.
        bool stillRuns = (await engine.DockerAsync("ps", "--format", "{{.Names}}")).Contains(name, StringComparison.Ordinal);
        Assert.That(after.Value(Status, labels), stillRuns ? Is.EqualTo(1) : Is.Null);
        Assert.That(exporter.HasExited, Is.False);
    }

    [Test]
    public async Task A_hanging_engine_delays_no_scrape()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        await using Exporter exporter = await Exporter.StartAsync(engine.Host, "-sample-interval=1s", "-reconcile-interval=1s", "-finished-ttl=0s");
        (string name, (string, string)[] labels) = BuildContainer.New();
        await engine.RunAsync(name, "sleep 600");
        await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_build_pids", labels) == 1, "the build");

        engine.Freeze();
        try
        {
            List<TimeSpan> times = [];
            await exporter.ScrapeUntilAsync(
                scrape => scrape.Value(Up) == 0, "the hang to show");
            for (int i = 0; i < 50; i++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                ScrapedText scrape = await exporter.ScrapeAsync();
                times.Add(watch.Elapsed);
                Assert.That(scrape.Value(Status, labels), Is.EqualTo(1));
                Assert.That(scrape.Value("bitbucket_agent_build_memory_usage", labels), Is.Positive);
            }

            // One that waited would take as long as the engine is waited for: five seconds at least.
            Assert.That(times.Max(), Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(times.Order().ElementAt(times.Count / 2), Is.LessThan(TimeSpan.FromSeconds(1)));
        }
        finally
        {
            engine.Thaw();
        }

        await exporter.ScrapeUntilAsync(scrape => scrape.Value(Up) == 1 && scrape.Value(Status, labels) == 1, "the engine to answer again");
        Assert.That(exporter.Log.Count(line => line.Contains("does not answer", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task SIGTERM_ends_it_in_order_also_while_the_engine_hangs()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        await using Exporter exporter = await Exporter.StartAsync(engine.Host);
        await exporter.ScrapeUntilAsync(scrape => scrape.Value(Up) == 1, "the engine");
        engine.Freeze();
        try
        {
            exporter.Signal(Signals.Terminate);
            Assert.That(await exporter.WaitForExitAsync(), Is.Zero);
        }
        finally
        {
            engine.Thaw();
        }
    }
}
