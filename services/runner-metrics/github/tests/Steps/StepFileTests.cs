using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.State;
using CiMetrics.GitHubRunner.Steps;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Steps;

/// <summary>The runner removes what steps print as soon as it is uploaded.</summary>
public sealed class StepFileTests
{
    private static readonly string[] Action = ["##[group]Run actions/cache@v4", "with:", "  path: ~/.npm", "  key: k", "##[endgroup]"];

    [Test]
    public void What_is_written_after_the_file_was_removed_is_read_through_the_descriptor_that_is_held()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        using SimulatedStep step = new(runner, hasBlock: false);
        step.Print(Action);
        step.Flush();
        string path = Directory.GetFiles(Path.Combine(runner.Diag, "pages")).Single();
        using StepFile file = new(path, "r", "s", new StepLines(), new byte[CiMetrics.RunnerMetrics.Following.LogFollower.BufferSize]);
        Assert.That(file.Read().IsOver, Is.False);

        step.Print("Cache hit for: k");
        step.Remove();
        Assert.That(File.Exists(path), Is.False);
        step.Flush();
        (IReadOnlyList<Fact> facts, bool isOver) = file.Read();
        Assert.That(facts, Is.EqualTo(new[] { new Fact.CacheRestored("r", "s", 1, "npm", CacheResult.Hit) }));
        Assert.That(isOver, Is.False, "there was something, and there may be more");
        Assert.That(file.Read().IsOver, Is.True);
    }

    [TestCase("pages", "_1.log")]
    [TestCase("blocks", ".1")]
    public void A_step_is_known_by_the_name_of_its_files(string _, string ending)
    {
        string step = $"{Guid.NewGuid()}_{Guid.NewGuid()}";
        Assert.That(StepSource.StepOf(step + ending), Is.EqualTo(step));
        Assert.That(StepSource.StepOf("x" + ending), Is.Null);
    }

    [Test]
    public async Task Of_pages_and_blocks_one_counts_and_a_restart_counts_nothing_again()
    {
        using TempFolder folder = new();
        SimulatedRunner simulated = new(folder.PathOf("r"), "r");
        Runners.RunnerFolder runner = Runners.RunnerFolder.Read(simulated.Folder, null, out _);
        FleetRules rules = new() { Runners = TextSet.Of("r") };
        FleetImage image = new();
        using SimulatedStep step = new(simulated);
        step.Print([.. Action, "Cache hit for: k"]);
        step.Flush();
        image = await ObserveAsync(image, 1);
        step.Print([.. Action, "Cache not found for input keys: k"]);
        step.Flush();
        image = await ObserveAsync(image, 2);
        Assert.That(image.Runners["r"].Restores["npm"], Is.EqualTo(new long[] { 1, 0, 1 }));

        async Task<FleetImage> ObserveAsync(FleetImage kept, long expected)
        {
            FleetState state = new(kept, rules, TimeProvider.System);
            FleetMonitor monitor = new(state);
            StepKinds kinds = new();
            using CancellationTokenSource stop = new();
            Task[] loops = [.. ((string[])["pages", "blocks"]).Select(kind =>
                new StepSource(runner, kind, kinds, monitor, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).RunAsync(stop.Token))];
            await Eventually.TrueAsync(() => monitor.Snapshot.Runners[0].Restores.Values.Sum(counts => counts.Sum()) >= expected, $"{expected} restores");
            // Time for one too many.
            await Task.Delay(300);
            await stop.CancelAsync();
            Assert.That(async () => await Task.WhenAll(loops), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(monitor.Snapshot.Runners[0].Restores.Values.Sum(counts => counts.Sum()), Is.EqualTo(expected));
            return state.Image();
        }
    }
}
