using System.Threading.Channels;

namespace CiMetrics.RunnerExporter.State;

/// <summary>
/// The single writer of the state: takes events in the order they come and swaps in a new snapshot whenever it has
/// caught up, and when a build that has ended was kept long enough. Scrapes read <see cref="Snapshot"/> and never wait.
/// </summary>
internal sealed class BuildMonitor(BuildState state, TimeProvider time)
{
    // A reconcile after a full queue costs more than a wait: writers wait, nothing is dropped.
    private readonly Channel<BuildEvent> _events = Channel.CreateBounded<BuildEvent>(new BoundedChannelOptions(4096) { SingleReader = true });
    private volatile BuildSnapshot _snapshot = BuildSnapshot.Unknown;

    /// <summary>What is true now.</summary>
    public BuildSnapshot Snapshot => _snapshot;

    /// <summary>Fires after a snapshot has been swapped in. Handlers run on the writer's loop and must return at once.</summary>
    public event EventHandler? Changed;

    /// <summary>Reports an event.</summary>
    public ValueTask ReportAsync(BuildEvent @event, CancellationToken cancel) => _events.Writer.WriteAsync(@event, cancel);

    /// <summary>The writer's loop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            Task<bool> ready = _events.Reader.WaitToReadAsync(stop).AsTask();
            while (!ready.IsCompleted && state.NextExpiry is { } expiry)
            {
                await WaitAsync(ready, expiry, stop);
                if (!ready.IsCompleted) Publish();
            }

            if (!await ready) return;
            Publish();
        }
    }

    private async Task WaitAsync(Task ready, DateTimeOffset expiry, CancellationToken stop)
    {
        TimeSpan wait = expiry - time.GetUtcNow();
        if (wait <= TimeSpan.Zero) return;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(ready, Task.Delay(wait, time, either.Token));
        await either.CancelAsync();
    }

    private void Publish()
    {
        state.Apply(new BuildEvent.Clock(time.GetUtcNow()));
        while (_events.Reader.TryRead(out BuildEvent? @event)) state.Apply(@event);
        _snapshot = state.Snapshot();
        Changed?.Invoke(this, EventArgs.Empty);
    }
}
