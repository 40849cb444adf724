using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.EndToEnd;

/// <summary>Builds come and go and scrapes go on: what the exporter holds must not grow with either.</summary>
[NonParallelizable]
public sealed class SoakTests
{
    [TestCase(30, 20)]
    [TestCase(1500, 100, Category = "Stress")]
    public async Task Descriptors_and_memory_do_not_grow_with_builds_and_scrapes(int rounds, int scrapesPerRound)
    {
        using TempFolder folder = new();
        string socket = folder.PathOf("d.sock");
        await using DockerSimulator engine = await DockerSimulator.StartAsync(socket, new SimulatorOptions());
        await using Exporter exporter = await Exporter.StartAsync($"unix://{socket}", "-sample-interval=500ms", "-reconcile-interval=1s", "-finished-ttl=0s");
        await exporter.ScrapeUntilAsync(scrape => scrape.Value("bitbucket_agent_docker_up") == 1, "the engine");

        double before = 0;
        for (int round = 0; round < rounds; round++)
        {
            string[] builds = [.. Enumerable.Range(0, 5).Select(_ => engine.StartContainer(BuildContainer.New().Name))];
            for (int i = 0; i < scrapesPerRound; i++) await exporter.ScrapeAsync();
            foreach (string build in builds)
            {
                engine.StopContainer(build);
                engine.RemoveContainer(build);
            }

            if (round % 10 == 5) engine.CutEventStreams();
            await Task.Delay(100); // The engine remembers 256 events: no faster than it can replay after a cut.
            if (round == rounds / 3) before = (await exporter.ScrapeAsync()).Value("process_open_fds")!.Value;
        }

        ScrapedText end = await exporter.ScrapeUntilAsync(
            scrape => scrape.Value("bitbucket_agent_builds_started_total") == 5 * rounds && scrape.All("bitbucket_agent_build_status").Single().Value == 0,
            "every build to be counted and gone");
        double memory = end.Value("process_resident_memory_bytes")!.Value;
        await TestContext.Out.WriteLineAsync($"descriptors {before} -> {end.Value("process_open_fds")}, memory {memory / 1e6:0.0} MB");
        Assert.That(end.Value("process_open_fds"), Is.LessThan(before + 30));
        Assert.That(memory, Is.LessThan(64 << 20));
    }
}
