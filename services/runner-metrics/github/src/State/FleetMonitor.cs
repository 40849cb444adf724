namespace CiMetrics.GitHubRunner.State;

/// <summary>Lets one source at a time write to the state, and shows every reader a whole snapshot of it.</summary>
internal sealed class FleetMonitor(FleetState state)
{
    private readonly Lock _lock = new();
    private FleetSnapshot? _snapshot;
    private long _version;

    /// <summary>What is true now.</summary>
    public FleetSnapshot Snapshot
    {
        get
        {
            lock (_lock) return _snapshot ??= state.Snapshot();
        }
    }

    /// <summary>Called after each writing, outside of it.</summary>
    public Action? Written { get; set; }

    /// <summary>Lets a source write; readers see what it did when it is done. Gives the number of this writing, too.</summary>
    public (T Result, long Version) Write<T>(Func<FleetState, T> write)
    {
        (T, long) result;
        lock (_lock)
        {
            result = (write(state), ++_version);
            _snapshot = null;
        }
        Written?.Invoke();
        return result;
    }

    /// <summary>Lets time decide, and turns all that is to survive into something, before anybody else writes.</summary>
    public (T Result, long Version) Keep<T>(Func<FleetImage, T> use)
    {
        lock (_lock)
        {
            state.Tick();
            _snapshot = null;
            return (use(state.Image()), _version);
        }
    }
}
