using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>What <c>./build.sh run</c> starts where there is no runner.</summary>
public sealed class SimulatorTests
{
    [Test]
    public async Task Its_log_is_understood_line_by_line()
    {
        using TempFolder folder = new();
        await using ServiceProcess simulator = await ServiceProcess.StartAsync(
            Path.Combine(AppContext.BaseDirectory, "CiMetrics.AlloyRunner.Simulator"), [folder.Path], line => line.Contains("runner.log", StringComparison.Ordinal));
        await using Observer observer = await Observer.StartAsync(folder);
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("ci_docker_machines", ("type", "used")) >= 3, "jobs of the simulator");
        Assert.That(scrape.Value("runner_log_lines_unparsed_total"), Is.Zero);
        Assert.That(scrape.Value("runner_concurrency_limit"), Is.EqualTo(6));
        simulator.Signal(Signals.Terminate);
        Assert.That(await simulator.WaitForExitAsync(), Is.Zero);
    }
}
