using CiMetrics.Docker;
using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.RunnerExporter.State;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.RunnerExporter.Tests.Discovery;

/// <summary>Discovery against an engine whose faults can be chosen to the moment.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class EngineWatcherTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly BuildMonitor _monitor = new(new BuildState(FinishedRetention.Default), TimeProvider.System);
    private readonly CancellationTokenSource _stop = new();
    private readonly Trouble _trouble = new();
    private Task _running = Task.CompletedTask;

    private string Socket => _folder.PathOf("d.sock");

    [TearDown]
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [TestCase("1.41")]
    [TestCase("1.47")]
    [TestCase("1.53")]
    public async Task Builds_are_found_by_events_and_each_start_is_inspected_once(string api)
    {
        await using DockerSimulator engine = await StartAsync(api);
        (string name, _) = EndToEnd.BuildContainer.New();
        string id = engine.StartContainer(name);
        engine.StartContainer("postgres");
        await UntilAsync(snapshot => snapshot.Builds.Count == 1, "the build");
        await Task.Delay(2500); // Two reconciles.
        Assert.That(Inspections(engine, id), Is.EqualTo(1));
        Assert.That(engine.Requests.Count(request => request.Contains("/containers/json", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(2));

        engine.Update(id, settings => settings.NanoCpus = 1_500_000_000);
        await UntilAsync(snapshot => snapshot.Builds.Single().Facts.CpuLimitCores == 1.5, "the new limit");
        Assert.That(Inspections(engine, id), Is.EqualTo(2));

        engine.Pause(id);
        await UntilAsync(snapshot => snapshot.Builds.Single().Facts.Paused, "the pause");
        engine.Unpause(id);
        await UntilAsync(snapshot => !snapshot.Builds.Single().Facts.Paused, "the end of the pause");
        engine.StopContainer(id, 1);
        await UntilAsync(snapshot => snapshot.Builds.Count == 0 && snapshot.BuildsStarted == 1, "the end");
        Assert.That(Inspections(engine, id), Is.EqualTo(2));
    }

    [Test]
    public async Task What_happens_while_the_stream_is_cut_is_replayed()
    {
        await using DockerSimulator engine = await StartAsync("1.47");
        string kept = engine.StartContainer(EndToEnd.BuildContainer.New().Name);
        string ended = engine.StartContainer(EndToEnd.BuildContainer.New().Name);
        await UntilAsync(snapshot => snapshot.Builds.Count == 2, "two builds");

        engine.CutEventStreams();
        engine.StopContainer(ended, 0);
        // Begins and ends, and is even removed, before anybody listens again.
        string brief = engine.StartContainer(EndToEnd.BuildContainer.New().Name);
        engine.StopContainer(brief, 0);
        engine.RemoveContainer(brief);
        BuildSnapshot after = await UntilAsync(
            snapshot => snapshot.EngineUp && snapshot.Builds.Count == 1 && snapshot.BuildsStarted == 3, "the replay");
        Assert.That(after.Builds.Single().Facts.Id, Is.EqualTo(kept));
        Assert.That(engine.Requests.Last(request => request.Contains("/events", StringComparison.Ordinal)), Does.Contain("since="));
        Assert.That(_trouble.Reconnects, Is.EqualTo(1));
        Assert.That(_trouble.Of(ErrorReason.EngineUnreachable), Is.EqualTo(1));
        RunnerView[] runners = [.. after.Runners];
        Assert.That(runners.Sum(runner => runner.Builds[(int)BuildResult.Success]), Is.EqualTo(2));
    }

    [Test]
    public async Task A_build_that_a_sample_took_for_gone_comes_back_with_the_next_list()
    {
        await using DockerSimulator engine = await StartAsync("1.47");
        string id = engine.StartContainer(EndToEnd.BuildContainer.New().Name);
        BuildSnapshot found = await UntilAsync(snapshot => snapshot.Builds.Count == 1, "the build");
        await _monitor.ReportAsync(new BuildEvent.Sampled(id, found.Running[0].StartedAt, SampleOutcome.Gone("it seemed so")), CancellationToken.None);
        await UntilAsync(snapshot => snapshot.Builds.Count == 0, "the build to be let go");
        await UntilAsync(snapshot => snapshot is { Builds.Count: 1, BuildsStarted: 1 }, "the build to come back, counted once");
    }

    [Test]
    public async Task A_hanging_engine_is_down_until_it_answers_again()
    {
        await using DockerSimulator engine = await StartAsync("1.47");
        engine.StartContainer(EndToEnd.BuildContainer.New().Name);
        await UntilAsync(snapshot => snapshot is { EngineUp: true, Builds.Count: 1 }, "the build");
        engine.Hanging = true;
        await UntilAsync(snapshot => !snapshot.EngineUp, "the hang to be noticed");
        Assert.That(_trouble.Of(ErrorReason.EngineTimeout), Is.Positive);
        engine.Hanging = false;
        await UntilAsync(snapshot => snapshot is { EngineUp: true, Builds.Count: 1, BuildsStarted: 1 }, "the engine's return");
    }

    [Test]
    public async Task A_second_container_of_the_same_name_takes_the_place_of_the_first()
    {
        await using DockerSimulator engine = await StartAsync("1.47");
        (string name, _) = EndToEnd.BuildContainer.New();
        string id = engine.StartContainer(name);
        await UntilAsync(snapshot => snapshot.Builds.Count == 1, "the build");
        engine.StopContainer(id, 0);
        engine.RemoveContainer(id);
        string again = engine.StartContainer(name);
        BuildSnapshot snapshot = await UntilAsync(snapshot => snapshot.Builds.SingleOrDefault()?.Facts.Id == again, "the second container of that name");
        Assert.That(snapshot.BuildsStarted, Is.EqualTo(2));
    }

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    private static int Inspections(DockerSimulator engine, string id) =>
        engine.Requests.Count(request => request.Contains($"/containers/{id}/json", StringComparison.Ordinal));

    private async Task<DockerSimulator> StartAsync(string api)
    {
        DockerSimulator engine = await DockerSimulator.StartAsync(Socket, new SimulatorOptions { ApiVersion = api });
        (DockerEndpoint? endpoint, _) = DockerEndpoint.Parse($"unix://{Socket}");
        DockerClient client = new(endpoint!, fixedVersion: null, TimeProvider.System);
        EngineWatcher watcher = new(client, _monitor, TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance, _trouble);
        _running = Task.WhenAll(watcher.RunAsync(_stop.Token), _monitor.RunAsync(_stop.Token));
        await UntilAsync(snapshot => snapshot.EngineUp, "the engine");
        return engine;
    }

    private Task<BuildSnapshot> UntilAsync(Func<BuildSnapshot, bool> condition, string what) =>
        Eventually.GetAsync(() => Task.FromResult(_monitor.Snapshot is var snapshot && condition(snapshot) ? snapshot : null), what);
}
