using System.Threading.Channels;

namespace CiMetrics.RunnerExporter.State;

/// <summary>
/// The single writer of the state: takes events in the order they come and swaps in a new snapshot whenever it has
/// caught up. Scrapes read <see cref="Snapshot"/> and never wait.
/// </summary>
internal sealed class BuildMonitor
{
    // A reconcile after a full queue costs more than a wait: writers wait, nothing is dropped.
    private readonly Channel<BuildEvent> _events = Channel.CreateBounded<BuildEvent>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly BuildState _state = new();
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
        while (await _events.Reader.WaitToReadAsync(stop))
        {
            while (_events.Reader.TryRead(out BuildEvent? @event)) _state.Apply(@event);
            _snapshot = _state.Snapshot();
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }
}
