using System.Threading.Channels;
using CiMetrics.Docker;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Discovery;

/// <summary>
/// Finds the builds of one session: the event stream says what happens as it happens, a list at the beginning and at
/// an interval says what was missed. One loop takes both in turn, so that what the engine is asked is never older than
/// the events that were taken before.
/// </summary>
internal sealed class BuildDiscovery(
    DockerClient engine, EngineSession session, BuildMonitor monitor, Trouble trouble, TimeSpan reconcileInterval, TimeProvider time)
{
    /// <summary>Containers whose run has been reported: each start is inspected once.</summary>
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);

    private int _skipped;

    /// <summary>The time of the last event taken, where the next session goes on.</summary>
    public long? LastEventNano { get; private set; }

    /// <summary>Runs until the session fails, and says why. <paramref name="listed"/> is called when the first list is taken in.</summary>
    public async Task<DockerFailure> RunAsync(Func<EngineSession, Task> listed, CancellationToken stop)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Channel<DockerEvent> queue = Channel.CreateBounded<DockerEvent>(new BoundedChannelOptions(1024) { SingleReader = true, SingleWriter = true });
        Task pump = PumpAsync(queue.Writer, end.Token);
        try
        {
            if (await ReconcileAsync(end.Token) is { } failure) return failure;
            await listed(session);
            return await FollowAsync(queue.Reader, end.Token);
        }
        finally
        {
            await end.CancelAsync();
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            CountSkipped();
        }
    }

    private async Task PumpAsync(ChannelWriter<DockerEvent> queue, CancellationToken cancel)
    {
        try
        {
            await foreach (DockerEvent @event in session.Events.ReadAllAsync(cancel)) await queue.WriteAsync(@event, cancel);
            queue.Complete();
        }
        catch (Exception exception)
        {
            queue.Complete(exception); // The reader of the queue meets it.
        }
    }

    private async Task<DockerFailure> FollowAsync(ChannelReader<DockerEvent> queue, CancellationToken cancel)
    {
        using PeriodicTimer timer = new(reconcileInterval, time);
        Task<bool> tick = timer.WaitForNextTickAsync(cancel).AsTask();
        Task<bool> ready = queue.WaitToReadAsync(cancel).AsTask();
        while (true)
        {
            await Task.WhenAny(ready, tick);
            if (ready.IsCompleted)
            {
                if (!await ready) return session.Events.Failure ?? new DockerFailure(DockerFailureKind.Unreachable, "the event stream ended");
                while (queue.TryRead(out DockerEvent? @event))
                {
                    if (await ApplyAsync(@event, cancel) is { } failure) return failure;
                }

                ready = queue.WaitToReadAsync(cancel).AsTask();
            }

            if (tick.IsCompleted)
            {
                await tick;
                if (await ReconcileAsync(cancel) is { } failure) return failure;
                tick = timer.WaitForNextTickAsync(cancel).AsTask();
            }
        }
    }

    private async Task<DockerFailure?> ApplyAsync(DockerEvent @event, CancellationToken cancel)
    {
        if (@event.TimeNano > 0) LastEventNano = @event.TimeNano;
        bool isBuild = BuildName.TryParse(@event.Name, out BuildName name);
        switch (@event.Action)
        {
            case "start" or "update" or "rename" when isBuild:
                return await InspectAsync(@event.Id, name, @event.Action == "start" ? TimeOf(@event) : null, cancel);
            case "rename" when _running.Remove(@event.Id):
                await monitor.ReportAsync(new BuildEvent.Renamed(@event.Id), cancel);
                break;
            case "die" when _running.Remove(@event.Id) || isBuild:
                await monitor.ReportAsync(new BuildEvent.Ended(@event.Id, TimeOf(@event), @event.ExitCode), cancel);
                break;
            case "oom" when isBuild:
                await monitor.ReportAsync(new BuildEvent.OutOfMemory(@event.Id), cancel);
                break;
            case "pause" or "unpause" when isBuild:
                await monitor.ReportAsync(new BuildEvent.Paused(@event.Id, @event.Action == "pause"), cancel);
                break;
        }

        return null;
    }

    private async Task<DockerFailure?> ReconcileAsync(CancellationToken cancel)
    {
        CountSkipped();
        if (!(await engine.ListContainersAsync(BuildName.Filter, all: false, cancel)).TryGet(out DockerContainerSummary[]? containers, out DockerFailure? failure))
            return failure;

        Dictionary<string, BuildName> listed = new(StringComparer.Ordinal);
        foreach (DockerContainerSummary container in containers)
        {
            if (container.Id is { } id && BuildName.TryParse(container.Name, out BuildName name)) listed[id] = name;
        }

        // A build that the state has let go (a sample found nothing, or there was no room) and that still runs comes back.
        _running.IntersectWith(monitor.Snapshot.Running.Select(build => build.Id));
        await monitor.ReportAsync(new BuildEvent.Listed(listed.Keys.ToHashSet(StringComparer.Ordinal)), cancel);
        foreach ((string id, BuildName name) in listed.Where(build => !_running.Contains(build.Key)).ToArray())
        {
            if (await InspectAsync(id, name, startedAt: null, cancel) is { } problem) return problem;
        }

        _running.IntersectWith(listed.Keys);
        return null;
    }

    private void CountSkipped()
    {
        int skipped = session.Events.Skipped;
        trouble.Count(ErrorReason.EventSkipped, skipped - _skipped);
        _skipped = skipped;
    }

    /// <summary>Null where the engine did not say.</summary>
    private static DateTimeOffset? TimeOf(DockerEvent @event) =>
        @event.TimeNano > 0 ? DateTimeOffset.UnixEpoch.AddTicks(@event.TimeNano / 100) : null;

    /// <summary>Asks for a build's state and limits. One that has ended meanwhile is counted; its figures are gone.</summary>
    private async Task<DockerFailure?> InspectAsync(string id, BuildName known, DateTimeOffset? startedAt, CancellationToken cancel)
    {
        DockerResult<DockerContainer> result = await engine.InspectAsync(id, cancel);
        if (!result.TryGet(out DockerContainer? container, out DockerFailure? failure))
        {
            if (failure.Kind != DockerFailureKind.NotFound)
            {
                // A start that was told counts, also when the engine broke down before it could be asked and will not
                // remember it; if the build still runs, the next list says so.
                if (startedAt is not null) await monitor.ReportAsync(new BuildEvent.Flashed(id, known, startedAt), cancel);
                return failure;
            }
        }
        else if (container.State is { Running: true } state && BuildName.TryParse(container.PlainName, out BuildName name))
        {
            _running.Add(id);
            BuildFacts facts = new(
                id,
                name,
                state.Pid ?? 0,
                state.StartedAt ?? default,
                state.Paused ?? false,
                Limits.CpuCores(container.HostConfig, session.Host.Cpus),
                Limits.MemoryBytes(container.HostConfig, session.Host.MemTotal),
                container.HostConfig?.NetworkMode ?? "");
            await monitor.ReportAsync(new BuildEvent.Running(facts), cancel);
            return null;
        }

        // How it ended is in the event that follows.
        _running.Remove(id);
        await monitor.ReportAsync(new BuildEvent.Flashed(id, known, startedAt ?? container?.State?.StartedAt), cancel);
        return null;
    }
}
