using CiMetrics.AlloyRunner.Config;

namespace CiMetrics.AlloyRunner.State;

/// <summary>Lets one source at a time write to the state, and shows every reader a whole snapshot of it.</summary>
internal sealed class RunnerMonitor(RunnerState state)
{
    private readonly Lock _lock = new();
    private volatile RunnerSnapshot _snapshot = state.Snapshot();
    private long _shown;

    /// <summary>What is true now.</summary>
    public RunnerSnapshot Snapshot => _snapshot;

    /// <summary>Takes events in; readers see all of them or none.</summary>
    public void Apply(params ReadOnlySpan<RunnerEvent> events)
    {
        lock (_lock)
        {
            foreach (RunnerEvent happened in events) state.Apply(happened);
            Show();
        }
    }

    /// <summary>Lets a source write as long as it likes; readers see what it did when it is done.</summary>
    public T Write<T>(Func<RunnerState, T> write)
    {
        lock (_lock)
        {
            T result = write(state);
            Show();
            return result;
        }
    }

    /// <summary>The state's version: as long as it is the same, nothing has to be kept again.</summary>
    public long Version => Interlocked.Read(ref _shown);

    /// <summary>Another configuration is in force.</summary>
    public void Use(RunnerConfig config)
    {
        lock (_lock)
        {
            state.Use(config);
            Show();
        }
    }

    /// <summary>What is to survive.</summary>
    public RunnerImage Image()
    {
        lock (_lock) return state.Image();
    }

    private void Show()
    {
        if (state.Version == _shown) return;
        _snapshot = state.Snapshot();
        Interlocked.Exchange(ref _shown, state.Version);
    }
}
