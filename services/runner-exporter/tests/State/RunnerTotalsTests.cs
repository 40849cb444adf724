using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Tests.State;

/// <summary>The sums per runner: each build once, whatever is repeated, and only ever growing.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RunnerTotalsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly BuildState _state = new(FinishedRetention.Default);

    [SetUp]
    public void The_exporter_starts_before_its_builds() => At(-60, new BuildEvent.EngineUp());

    [TestCase(0, nameof(BuildResult.Success))]
    [TestCase(1, nameof(BuildResult.Failure))]
    [TestCase(137, nameof(BuildResult.Killed))]
    [TestCase(143, nameof(BuildResult.Killed))]
    [TestCase(null, nameof(BuildResult.Unknown))]
    public void A_build_counts_by_its_exit_code_with_its_duration(int? exitCode, string result)
    {
        At(0, new BuildEvent.Running(Facts("c1")));
        At(90, new BuildEvent.Ended("c1", Start.AddSeconds(90), exitCode));
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.Multiple(() =>
        {
            Assert.That(runner.Builds[(int)Enum.Parse<BuildResult>(result)], Is.EqualTo(1));
            Assert.That(runner.Builds.Sum(), Is.EqualTo(1));
            Assert.That(runner.DurationSum, Is.EqualTo(90));
            Assert.That(runner.Durations[RunnerFamilies.DurationBounds.IndexOf(120)], Is.EqualTo(1));
            Assert.That(runner.Durations.Sum(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Repeated_events_a_reconnect_and_a_list_count_a_build_once()
    {
        BuildEvent[] life =
        [
            new BuildEvent.Running(Facts("c1")),
            Sampled("c1", cpu: 4, oomKills: 1),
            new BuildEvent.OutOfMemory("c1"),
            new BuildEvent.Ended("c1", Start.AddSeconds(10), 0),
        ];
        At(0, life);
        At(1, new BuildEvent.EngineDown(), new BuildEvent.EngineUp());
        At(2, life);
        At(3, new BuildEvent.Listed(new HashSet<string>(StringComparer.Ordinal)));
        At(600, life);
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.That((runner.Builds.Sum(), runner.Durations.Sum(), runner.CpuSeconds, runner.OomKills), Is.EqualTo((1L, 1L, 4.0, 1L)));
        Assert.That(_state.Snapshot().BuildsStarted, Is.EqualTo(1));
    }

    [Test]
    public void A_build_that_was_taken_for_ended_and_comes_back_counts_once_and_goes_on_counting_its_use()
    {
        BuildEvent.Listed none = new(new HashSet<string>(StringComparer.Ordinal));
        At(0, new BuildEvent.Running(Facts("c1")), Sampled("c1", cpu: 4));
        At(10, none, none);
        Assert.That(_state.Snapshot().Runners.Single().Builds[(int)BuildResult.Unknown], Is.EqualTo(1));
        At(300, new BuildEvent.Running(Facts("c1")), Sampled("c1", cpu: 6));
        At(310, new BuildEvent.Ended("c1", Start.AddSeconds(310), 0));
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.That(runner.Builds.Sum(), Is.EqualTo(1));
        Assert.That(runner.CpuSeconds, Is.EqualTo(6));
    }

    [Test]
    public void A_restarted_container_is_one_build_whose_runs_add_up()
    {
        At(0, new BuildEvent.Running(Facts("c1")), Sampled("c1", cpu: 4), new BuildEvent.Ended("c1", Start.AddSeconds(10), 1));
        BuildFacts again = Facts("c1") with { StartedAt = Start.AddSeconds(20) };
        At(20, new BuildEvent.Running(again), Sampled("c1", cpu: 1, startedAt: again.StartedAt), new BuildEvent.Ended("c1", Start.AddSeconds(30), 0));
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.That(runner.Builds.Sum(), Is.EqualTo(1));
        Assert.That(runner.CpuSeconds, Is.EqualTo(5));
    }

    [Test]
    public void Totals_only_grow_while_builds_come_and_go()
    {
        double cpu = 0;
        for (int i = 1; i <= 300; i++)
        {
            At(i * 10, new BuildEvent.Running(Facts($"c{i}") with { StartedAt = Start.AddSeconds(i * 10) }), Sampled($"c{i}", cpu: 0.5, startedAt: Start.AddSeconds(i * 10)));
            Assert.That(_state.Snapshot().Runners.Single().CpuSeconds, Is.GreaterThan(cpu));
            cpu = _state.Snapshot().Runners.Single().CpuSeconds;
            At((i * 10) + 5, new BuildEvent.Ended($"c{i}", Start.AddSeconds((i * 10) + 5), 0));
            Assert.That(_state.Snapshot().Runners.Single().Builds.Sum(), Is.EqualTo(i));
        }

        Assert.That(cpu, Is.EqualTo(150).Within(1e-9));
        Assert.That(_state.Snapshot().Finished, Has.Count.LessThanOrEqualTo(FinishedRetention.Default.Max));
    }

    [Test]
    public void A_build_that_ran_before_the_exporter_did_counts_from_its_first_sample()
    {
        At(0, new BuildEvent.Running(Facts("c1") with { StartedAt = Start.AddHours(-1) }));
        At(1, Sampled("c1", cpu: 1000, oomKills: 3, startedAt: Start.AddHours(-1)));
        At(2, Sampled("c1", cpu: 1002, oomKills: 4, startedAt: Start.AddHours(-1)));
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.That((runner.CpuSeconds, runner.OomKills), Is.EqualTo((2.0, 1L)));
    }

    [Test]
    public void A_build_too_short_to_be_asked_about_counts_with_its_outcome()
    {
        At(0, new BuildEvent.Flashed("c1", Facts("c1").Name, Start), new BuildEvent.Ended("c1", Start.AddMilliseconds(300), 2));
        RunnerView runner = _state.Snapshot().Runners.Single();
        Assert.That(runner.Builds[(int)BuildResult.Failure], Is.EqualTo(1));
        Assert.That(runner.DurationSum, Is.EqualTo(0.3).Within(1e-9));
    }

    [Test]
    public void A_kill_in_a_build_too_short_to_be_sampled_counts_by_the_engines_word()
    {
        At(0, new BuildEvent.Running(Facts("c1")), new BuildEvent.OutOfMemory("c1"), new BuildEvent.Ended("c1", Start.AddSeconds(1), 0), new BuildEvent.OutOfMemory("c1"));
        Assert.That(_state.Snapshot().Runners.Single().OomKills, Is.EqualTo(1));
    }

    [Test]
    public void Beyond_the_limit_runners_share_one_sum_and_the_folded_builds_are_counted()
    {
        for (int i = 1; i <= RunnerTotals.MaxRunners + 5; i++)
        {
            BuildFacts facts = Facts($"c{i}") with { Name = new BuildName(Guid.NewGuid().ToString(), Guid.NewGuid().ToString()) };
            At(i, new BuildEvent.Running(facts), new BuildEvent.Ended($"c{i}", Start.AddSeconds(i), 0));
        }

        BuildSnapshot snapshot = _state.Snapshot();
        Assert.That(snapshot.Runners, Has.Count.EqualTo(RunnerTotals.MaxRunners + 1));
        Assert.That(snapshot.Runners[^1].Labels.ToString(), Is.EqualTo("{runner_uuid=\"other\"}"));
        Assert.That(snapshot.Runners[^1].Builds.Sum(), Is.EqualTo(5));
        Assert.That(snapshot.BuildsFolded, Is.EqualTo(5));
    }

    [Test]
    public void A_long_build_is_not_counted_again_after_thousands_of_short_ones()
    {
        At(0, new BuildEvent.Running(Facts("long")), Sampled("long", cpu: 1));
        for (int i = 1; i <= 5000; i++) At(i, new BuildEvent.Running(Facts($"c{i}")), new BuildEvent.Ended($"c{i}", Start.AddSeconds(i), 0));
        At(5001, new BuildEvent.Running(Facts("long") with { CpuLimitCores = 1 }), Sampled("long", cpu: 2), new BuildEvent.Ended("long", Start.AddSeconds(5001), 0));
        BuildSnapshot snapshot = _state.Snapshot();
        Assert.That(snapshot.BuildsStarted, Is.EqualTo(5001));
        Assert.That(snapshot.Runners.Single().Builds.Sum(), Is.EqualTo(5001));
        Assert.That(snapshot.Runners.Single().CpuSeconds, Is.EqualTo(2));
    }

    private static BuildFacts Facts(string id) => new(
        id, new BuildName("96da62a5-abee-497e-b1f6-7774432a3396", "1d1ff376-c967-4ebe-a84f-cd2d56ee0872"), 1234, Start, Paused: false, 2, 1 << 30, "bridge");

    private static BuildEvent.Sampled Sampled(string id, double cpu, long? oomKills = null, DateTimeOffset? startedAt = null) => new(id, startedAt ?? Start, SampleOutcome.Taken(new ContainerSample
    {
        Source = SampleSource.CgroupFiles,
        Time = Start,
        ReadNanoseconds = (long)(cpu * 1e9),
        CpuUsageNanoseconds = (long)(cpu * 1e9),
        OomKills = oomKills,
    }));

    private void At(double seconds, params BuildEvent[] events)
    {
        _state.Apply(new BuildEvent.Clock(Start.AddSeconds(seconds)));
        foreach (BuildEvent @event in events) _state.Apply(@event);
    }
}
