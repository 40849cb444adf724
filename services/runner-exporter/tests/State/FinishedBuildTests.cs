using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Tests.State;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FinishedBuildTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly BuildState _state = new(new FinishedRetention(TimeSpan.FromMinutes(2), Max: 3));

    [SetUp]
    public void The_engine_answers() => At(0, new BuildEvent.EngineUp());

    [Test]
    public void A_finished_build_keeps_its_outcome_and_totals_and_loses_its_usage_at_once()
    {
        At(0, new BuildEvent.Running(Facts(1)), Sampled(1, cpu: 3));
        At(60, new BuildEvent.Ended("c1", Start.AddSeconds(59), 7));

        BuildView build = _state.Snapshot().Finished.Single();
        Assert.Multiple(() =>
        {
            Assert.That(_state.Snapshot().Builds, Is.Empty);
            Assert.That(_state.Snapshot().Running, Is.Empty);
            Assert.That(build.End!.ExitCode, Is.EqualTo(7));
            Assert.That(build.Duration, Is.EqualTo(TimeSpan.FromSeconds(59)));
            Assert.That(build.Totals!.CpuUsageNanoseconds, Is.EqualTo(3_000_000_000));
            Assert.That(build.Usage, Is.Null);
            Assert.That(build.CpuCores, Is.Null);
        });
    }

    [Test]
    public void It_is_dropped_when_its_time_is_over_and_not_before()
    {
        At(0, new BuildEvent.Running(Facts(1)));
        At(10, new BuildEvent.Ended("c1", Start, 0));
        Assert.That(_state.NextExpiry, Is.EqualTo(Start.AddSeconds(130)));
        At(129);
        Assert.That(_state.Snapshot().Finished, Has.Count.EqualTo(1));
        At(130);
        Assert.That(_state.Snapshot().Finished, Is.Empty);
        Assert.That(_state.NextExpiry, Is.Null);
    }

    [Test]
    public void Beyond_the_limit_the_latest_are_kept()
    {
        for (int i = 1; i <= 5; i++) At(i, new BuildEvent.Running(Facts(i)), new BuildEvent.Ended($"c{i}", Start.AddSeconds(i), 0));
        Assert.That(_state.Snapshot().Finished.Select(build => build.Facts.Id), Is.EqualTo(new[] { "c3", "c4", "c5" }));
    }

    [Test]
    public void The_limit_holds_for_builds_whose_outcome_is_not_known_yet()
    {
        for (int i = 1; i <= 5; i++) At(i, new BuildEvent.Running(Facts(i)), new BuildEvent.Flashed($"c{i}", Facts(i).Name));
        Assert.That(_state.Snapshot().Finished.Select(build => build.Facts.Id), Is.EqualTo(new[] { "c3", "c4", "c5" }));
    }

    [Test]
    public void With_no_time_or_no_room_a_build_vanishes_with_its_end()
    {
        foreach (FinishedRetention none in (FinishedRetention[])[new(TimeSpan.Zero, 3), new(TimeSpan.FromMinutes(2), 0)])
        {
            BuildState state = new(none);
            foreach (BuildEvent @event in (BuildEvent[])[new BuildEvent.EngineUp(), new BuildEvent.Running(Facts(1)), new BuildEvent.Ended("c1")]) state.Apply(@event);
            Assert.That(state.Snapshot().Builds, Is.Empty);
            Assert.That(state.Snapshot().Finished, Is.Empty, none.ToString());
        }
    }

    [Test]
    public void The_outcome_comes_after_the_cgroup_is_gone()
    {
        At(0, new BuildEvent.Running(Facts(1)), Sampled(1, cpu: 1));
        At(5, new BuildEvent.Sampled("c1", Start, SampleOutcome.Gone("removed")));
        Assert.That(_state.Snapshot().Builds, Is.Empty);
        Assert.That(_state.Snapshot().Finished.Single().End!.ExitCode, Is.Null);

        At(6, new BuildEvent.Ended("c1", Start.AddSeconds(5), 137));
        Assert.That(_state.Snapshot().Finished.Single().End!.ExitCode, Is.EqualTo(137));
    }

    [Test]
    public void The_outcome_comes_after_a_list_that_did_not_name_it()
    {
        At(0, new BuildEvent.Running(Facts(1)));
        At(5, new BuildEvent.Listed(new HashSet<string>(StringComparer.Ordinal)), new BuildEvent.Ended("c1", Start.AddSeconds(5), 1));
        Assert.That(_state.Snapshot().Finished.Single().End!.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_last_sample_that_comes_late_still_counts()
    {
        At(0, new BuildEvent.Running(Facts(1)), Sampled(1, cpu: 1));
        At(5, new BuildEvent.Ended("c1", Start.AddSeconds(5), 0), Sampled(1, cpu: 4, at: 5));
        Assert.That(_state.Snapshot().Finished.Single().Totals!.CpuUsageNanoseconds, Is.EqualTo(4_000_000_000));
        Assert.That(_state.Snapshot().Finished.Single().Usage, Is.Null);
    }

    [Test]
    public void A_sample_that_was_overtaken_takes_nothing_back()
    {
        At(0, new BuildEvent.Running(Facts(1)), Sampled(1, cpu: 4, at: 5), Sampled(1, cpu: 3, at: 4));
        Assert.That(_state.Snapshot().Builds.Single().Totals!.CpuUsageNanoseconds, Is.EqualTo(4_000_000_000));
    }

    [Test]
    public void A_build_that_was_gone_before_it_could_be_asked_about_is_shown_with_its_outcome_once()
    {
        BuildEvent.Flashed flashed = new("c1", Facts(1).Name, Start);
        BuildEvent.Ended ended = new("c1", Start.AddMilliseconds(300), 0);
        At(1, flashed, ended, flashed, ended);
        BuildView build = _state.Snapshot().Finished.Single();
        Assert.That(build.End!.ExitCode, Is.Zero);
        Assert.That(build.Duration, Is.EqualTo(TimeSpan.FromMilliseconds(300)));
        Assert.That(_state.Snapshot().BuildsStarted, Is.EqualTo(1));
    }

    [Test]
    public void A_replayed_end_of_an_earlier_run_does_not_end_a_later_one()
    {
        At(0, new BuildEvent.Running(Facts(1) with { StartedAt = Start.AddMinutes(1) }));
        At(1, new BuildEvent.Ended("c1", Start.AddSeconds(30), 0));
        Assert.That(_state.Snapshot().Builds, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_restarted_container_and_another_of_the_same_name_take_the_place_of_the_finished_one()
    {
        At(0, new BuildEvent.Running(Facts(1)), new BuildEvent.Ended("c1", Start.AddSeconds(1), 0));
        At(1, new BuildEvent.Running(Facts(1) with { Id = "again", StartedAt = Start.AddSeconds(2) }));
        Assert.That(_state.Snapshot().Builds.Single().Facts.Id, Is.EqualTo("again"));
        Assert.That(_state.Snapshot().Finished, Is.Empty);
    }

    [Test]
    public void The_engines_word_of_a_kill_counts_once_where_the_kernels_count_is_not_known()
    {
        At(0, new BuildEvent.Running(Facts(1)), new BuildEvent.OutOfMemory("c1"), new BuildEvent.OutOfMemory("c1"));
        Assert.That(_state.Snapshot().Builds.Single().OomKills, Is.EqualTo(1));
        At(1, new BuildEvent.Ended("c1", Start.AddSeconds(1), 0));
        Assert.That(_state.Snapshot().Finished.Single().OomKills, Is.EqualTo(1));
    }

    [Test]
    public void A_container_given_another_name_is_not_a_finished_build()
    {
        At(0, new BuildEvent.Running(Facts(1)), new BuildEvent.Renamed("c1"));
        Assert.That(_state.Snapshot().Builds, Is.Empty);
        Assert.That(_state.Snapshot().Finished, Is.Empty);
    }

    private static BuildFacts Facts(int pipeline) => new(
        $"c{pipeline}", new BuildName("96da62a5-abee-497e-b1f6-7774432a3396", $"1d1ff376-c967-4ebe-a84f-{pipeline:d12}"), 1234, Start, Paused: false, 2, 1 << 30, "bridge");

    private static BuildEvent.Sampled Sampled(int pipeline, double cpu, int at = 1) => new($"c{pipeline}", Start, SampleOutcome.Taken(new ContainerSample
    {
        Source = SampleSource.CgroupFiles,
        Time = Start.AddSeconds(at),
        ReadNanoseconds = at * 1_000_000_000L,
        CpuUsageNanoseconds = (long)(cpu * 1e9),
    }));

    private void At(double seconds, params BuildEvent[] events)
    {
        _state.Apply(new BuildEvent.Clock(Start.AddSeconds(seconds)));
        foreach (BuildEvent @event in events) _state.Apply(@event);
    }
}
