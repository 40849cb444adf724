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

    /// <summary>Lets a source write; readers see what it did when it is done. Gives the number of this writing, too.</summary>
    public (T Result, long Version) Write<T>(Func<FleetState, T> write)
    {
        lock (_lock)
        {
            _snapshot = null;
            return (write(state), ++_version);
        }
    }

    /// <summary>
    /// Lets time decide, and turns all that is to survive into something, before anybody else writes. Gives null, and the
    /// number of the last writing, where nothing has changed.
    /// </summary>
    /// <param name="use">Makes something of it.</param>
    /// <param name="isWanted">Whether to do so also where nothing was learned.</param>
    public (T? Result, long Version) Keep<T>(Func<FleetImage, T> use, Func<FleetState, bool> isWanted)
        where T : class
    {
        lock (_lock)
        {
            state.Tick();
            if (!state.IsChanged && !isWanted(state)) return (null, _version);
            _snapshot = null;
            return (use(state.Image()), _version);
        }
    }
}
