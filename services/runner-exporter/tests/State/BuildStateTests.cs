using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Tests.State;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class BuildStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly BuildState _state = new(FinishedRetention.Default);

    [SetUp]
    public void The_engine_answers() => _state.Apply(new BuildEvent.EngineUp());

    [Test]
    public void A_running_build_is_shown_until_it_ends()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        Assert.That(_state.Snapshot().Builds.Single().Facts.Id, Is.EqualTo("a"));

        _state.Apply(new BuildEvent.Ended("a"));
        Assert.That(_state.Snapshot().Builds, Is.Empty);
        Assert.That(_state.Snapshot().BuildsStarted, Is.EqualTo(1));
    }

    [Test]
    public void A_repeated_start_counts_once_and_takes_the_newer_limits()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 1, cpu: 0.5, memory: 7)));
        _state.Apply(new BuildEvent.Running(Facts("a") with { CpuLimitCores = 4 }));

        BuildSnapshot snapshot = _state.Snapshot();
        Assert.That(snapshot.BuildsStarted, Is.EqualTo(1));
        Assert.That(snapshot.Builds.Single().Facts.CpuLimitCores, Is.EqualTo(4));
        Assert.That(snapshot.Builds.Single().Usage!.MemoryUsageBytes, Is.EqualTo(7), "the sample outlives the update");
    }

    [Test]
    public void A_build_that_was_gone_before_it_could_be_asked_about_counts_once_however_often_it_is_replayed()
    {
        _state.Apply(new BuildEvent.Flashed("a", Facts("a").Name));
        _state.Apply(new BuildEvent.Flashed("a", Facts("a").Name));
        Assert.That(_state.Snapshot().BuildsStarted, Is.EqualTo(1));
    }

    [Test]
    public void A_list_ends_what_it_does_not_name()
    {
        _state.Apply(new BuildEvent.Running(Facts("a", pipeline: 1)));
        _state.Apply(new BuildEvent.Running(Facts("b", pipeline: 2)));
        _state.Apply(new BuildEvent.Listed(new HashSet<string>(StringComparer.Ordinal) { "b" }));
        Assert.That(_state.Snapshot().Builds.Select(build => build.Facts.Id), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void Cores_are_cumulative_time_over_the_real_interval_and_the_first_counts_from_the_start()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 2, cpu: 1)));
        Assert.That(_state.Snapshot().Builds.Single().CpuCores, Is.EqualTo(0.5).Within(1e-9));

        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 6, cpu: 7)));
        Assert.That(_state.Snapshot().Builds.Single().CpuCores, Is.EqualTo(1.5).Within(1e-9));
    }

    [Test]
    public void A_build_met_long_after_its_start_has_no_cores_before_the_second_sample()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 3600, cpu: 1800)));
        Assert.That(_state.Snapshot().Builds.Single().CpuCores, Is.Null);

        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 3605, cpu: 1810)));
        Assert.That(_state.Snapshot().Builds.Single().CpuCores, Is.EqualTo(2).Within(1e-9));
    }

    [Test]
    public void A_counter_that_went_back_gives_no_figure_rather_than_a_wrong_one()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 5, cpu: 5)));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 6, cpu: 1)));
        Assert.That(_state.Snapshot().Builds.Single().CpuCores, Is.Null);
    }

    [Test]
    public void Usage_vanishes_after_three_failed_samples_and_not_before()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Sampled("a", Start, Sample(at: 2, cpu: 1, memory: 9)));
        for (int i = 0; i < 2; i++) _state.Apply(new BuildEvent.Sampled("a", Start, SampleOutcome.Failed("busy")));
        Assert.That(_state.Snapshot().Builds.Single().Usage!.MemoryUsageBytes, Is.EqualTo(9));

        _state.Apply(new BuildEvent.Sampled("a", Start, SampleOutcome.Failed("busy")));
        BuildView build = _state.Snapshot().Builds.Single();
        Assert.That(build.Usage, Is.Null);
        Assert.That(build.CpuCores, Is.Null);
    }

    [Test]
    public void Without_the_engine_only_builds_whose_own_figures_come_are_shown()
    {
        _state.Apply(new BuildEvent.Running(Facts("sampled", pipeline: 1)));
        _state.Apply(new BuildEvent.Sampled("sampled", Start, Sample(at: 1, cpu: 1)));
        _state.Apply(new BuildEvent.Running(Facts("unknown", pipeline: 2)));
        _state.Apply(new BuildEvent.EngineDown());

        BuildSnapshot snapshot = _state.Snapshot();
        Assert.That(snapshot.EngineUp, Is.False);
        Assert.That(snapshot.Builds.Select(build => build.Facts.Id), Is.EqualTo(new[] { "sampled" }));
        Assert.That(snapshot.Running, Has.Count.EqualTo(2), "both go on being sampled");
    }

    [Test]
    public void The_end_of_its_cgroup_ends_a_build_but_not_a_later_run_of_the_same_container()
    {
        _state.Apply(new BuildEvent.Running(Facts("a")));
        _state.Apply(new BuildEvent.Running(Facts("a") with { StartedAt = Start.AddMinutes(1) }));
        _state.Apply(new BuildEvent.Sampled("a", Start, SampleOutcome.Gone("removed")));
        Assert.That(_state.Snapshot().Builds, Has.Count.EqualTo(1));

        _state.Apply(new BuildEvent.Sampled("a", Start.AddMinutes(1), SampleOutcome.Gone("removed")));
        Assert.That(_state.Snapshot().Builds, Is.Empty);
    }

    [Test]
    public void Two_containers_with_one_name_never_make_a_duplicate_series()
    {
        _state.Apply(new BuildEvent.Running(Facts("old")));
        _state.Apply(new BuildEvent.Running(Facts("young") with { StartedAt = Start.AddSeconds(1) }));
        Assert.That(_state.Snapshot().Builds.Select(build => build.Facts.Id), Is.EqualTo(new[] { "young" }));
    }

    [Test]
    public void Beyond_the_limit_builds_are_counted_and_not_shown()
    {
        for (int i = 0; i <= BuildState.MaxBuilds; i++) _state.Apply(new BuildEvent.Running(Facts($"c{i}", pipeline: i)));
        BuildSnapshot snapshot = _state.Snapshot();
        Assert.That(snapshot.Builds, Has.Count.EqualTo(BuildState.MaxBuilds));
        Assert.That(snapshot.BuildsStarted, Is.EqualTo(BuildState.MaxBuilds + 1));
        Assert.That(snapshot.BuildsDropped, Is.EqualTo(1));
    }

    [Test]
    public void Any_order_of_repeated_events_leaves_what_the_last_list_says()
    {
        Random random = Testing.Seed.Random(out _);
        string[] ids = ["a", "b", "c"];
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                string id = ids[random.Next(ids.Length)];
                _state.Apply(random.Next(6) switch
                {
                    0 => new BuildEvent.Ended(id),
                    1 => new BuildEvent.Flashed(id, Facts(id).Name),
                    2 => new BuildEvent.Paused(id, random.Next(2) == 0),
                    3 => new BuildEvent.Sampled(id, Start, Sample(at: random.Next(100), cpu: random.Next(100))),
                    _ => new BuildEvent.Running(Facts(id, pipeline: Array.IndexOf(ids, id))),
                });
            }

            _state.Apply(new BuildEvent.Running(Facts("b", pipeline: 1)));
            _state.Apply(new BuildEvent.Listed(new HashSet<string>(StringComparer.Ordinal) { "b" }));
            Assert.That(_state.Snapshot().Builds.Select(build => build.Facts.Id), Is.EqualTo(new[] { "b" }));
            Assert.That(_state.Snapshot().BuildsStarted, Is.LessThanOrEqualTo(ids.Length));
        }
    }

    private static BuildFacts Facts(string id, int pipeline = 0) => new(
        id, new BuildName("96da62a5-abee-497e-b1f6-7774432a3396", $"1d1ff376-c967-4ebe-a84f-{pipeline:d12}"), 1234, Start, Paused: false, 2, 1 << 30, "bridge");

    private static SampleOutcome Sample(double at, double cpu, long memory = 1) => SampleOutcome.Taken(new ContainerSample
    {
        Source = SampleSource.CgroupFiles,
        Time = Start.AddSeconds(at),
        ReadNanoseconds = (long)(at * 1e9),
        CpuUsageNanoseconds = (long)(cpu * 1e9),
        MemoryUsageBytes = memory,
    });
}
