using CiMetrics.AlloyRunner.Following;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Docker;
using CiMetrics.RunnerMetrics.Processes;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>
/// One session with the engine: its events say what happens, a list at the beginning and now and then says what was
/// missed. The events begin before the list is read.
/// </summary>
internal sealed class ContainerWatch(
    DockerClient engine, ProcFolder proc, RunnerMonitor monitor, TimeSpan helperInterval, Func<bool> isWanted, TimeProvider time) : IDisposable
{
    private static readonly string[] Actions = ["start", "die", "destroy"];
    private static readonly TimeSpan ListInterval = TimeSpan.FromSeconds(60);

    private readonly JobContainers _containers = new();
    private readonly JobProcesses _processes = new(proc);
    private IReadOnlyList<SeenJob> _told = [];
    private DockerEventStream? _events;
    private Task<bool> _next = Task.FromResult(false);

    /// <summary>Runs until the session fails, and says why; null when nobody wants it any more.</summary>
    /// <param name="up">Called once the containers are known.</param>
    /// <param name="stopping">Ends it with an exception.</param>
    public async Task<DockerFailure?> RunAsync(Action<DockerPing> up, CancellationToken stopping)
    {
        if (!(await engine.PingAsync(stopping)).TryGet(out DockerPing? ping, out DockerFailure? failure)) return failure;
        long? since = ping.EngineTime?.ToUnixTimeMilliseconds() * 1_000_000;
        if (!(await engine.OpenEventsAsync(since, Actions, stopping)).TryGet(out _events, out failure)) return failure;
        if (await ListAsync(stopping) is { } problem) return problem;
        up(ping);
        monitor.Apply(new RunnerEvent.JobsSeen(JobSight.Containers, _told = _containers.Jobs()));

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using IAsyncEnumerator<DockerEvent> events = _events.ReadAllAsync(end.Token).GetAsyncEnumerator(end.Token);
        _next = events.MoveNextAsync().AsTask();
        try
        {
            return await FollowAsync(events, stopping);
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _events?.Dispose();

    private async Task<DockerFailure?> FollowAsync(IAsyncEnumerator<DockerEvent> events, CancellationToken stopping)
    {
        using PeriodicTimer timer = new(ListInterval, time);
        Task<bool> tick = timer.WaitForNextTickAsync(stopping).AsTask();
        long listed = time.GetTimestamp();
        while (true)
        {
            // Helpers come and go quickly; without one there is nothing to look at.
            TimeSpan wanted = _containers.RunningHelpers.Any() ? helperInterval : ListInterval;
            if (timer.Period != wanted) timer.Period = wanted;
            await Task.WhenAny(_next, tick);
            if (_next.IsCompleted)
            {
                if (!await _next) return _events!.Failure ?? new DockerFailure(DockerFailureKind.Unreachable, "the event stream ended");
                if (await ApplyAsync(events.Current, stopping) is { } failure) return failure;
                _next = events.MoveNextAsync().AsTask();
            }
            if (tick.IsCompleted)
            {
                await tick;
                tick = timer.WaitForNextTickAsync(stopping).AsTask();
                if (!isWanted()) return null;
                if (time.GetElapsedTime(listed) >= ListInterval - helperInterval)
                {
                    listed = time.GetTimestamp();
                    if (await ListAsync(stopping) is { } failure) return failure;
                }
            }
            LookInside();
            Tell();
        }
    }

    private async Task<DockerFailure?> ListAsync(CancellationToken stopping)
    {
        if (!(await engine.ListContainersAsync(JobContainer.Names, all: true, stopping)).TryGet(out DockerContainerSummary[]? listed, out DockerFailure? failure)) return failure;
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (DockerContainerSummary each in listed)
        {
            if (each is not { Id: { } id, Labels: { } labels } || JobContainer.Of(id, labels) is not { } container) continue;
            ids.Add(id);
            if (each.State is not ("running" or "paused")) _containers.Stands(container, hasRun: each.State is not "created");
            else if (!_containers.IsRunning(id) && await StartAsync(container, isNow: false, stopping) is { } problem) return problem;
        }
        _containers.Keep(ids);
        return null;
    }

    private async Task<DockerFailure?> ApplyAsync(DockerEvent happened, CancellationToken stopping)
    {
        // Others than those of jobs have no such label.
        if (JobContainer.Of(happened.Id, happened.Attributes) is not { } container) return null;
        switch (happened.Action)
        {
            case "start" when !_containers.IsRunning(happened.Id):
                return await StartAsync(container, isNow: true, stopping);
            case "die":
                _containers.Ended(happened.Id);
                break;
            case "destroy":
                _containers.Removed(happened.Id);
                break;
        }
        return null;
    }

    private async Task<DockerFailure?> StartAsync(JobContainer container, bool isNow, CancellationToken stopping)
    {
        if ((await engine.InspectAsync(container.Id, stopping)).TryGet(out DockerContainer? found, out DockerFailure? failure))
        {
            // The year 1 stands for never.
            _containers.Started(container, found.State?.Pid ?? 0, hasRunBefore: found.State?.FinishedAt is { Year: > 1 }, isNow);
            return null;
        }
        if (failure.Kind != DockerFailureKind.NotFound) return failure;
        // It came and went, and its end is told after this.
        if (isNow) _containers.Started(container, 0, hasRunBefore: false, isNow);
        return null;
    }

    private void LookInside()
    {
        foreach ((string id, int pid) in _containers.RunningHelpers.ToArray())
        {
            // Elsewhere, or behind another /proc, this number is another process.
            if (LogLocation.ContainerOf(proc.Groups(pid) ?? "") == id && _processes.StageBelow(pid) is { } stage) _containers.Does(id, stage);
        }
    }

    private void Tell()
    {
        IReadOnlyList<SeenJob> now = _containers.Jobs();
        if (now.SequenceEqual(_told)) return;
        monitor.Apply(new RunnerEvent.JobsSeen(JobSight.Containers, _told = now));
    }
}
