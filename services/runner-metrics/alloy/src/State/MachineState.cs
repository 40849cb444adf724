namespace CiMetrics.AlloyRunner.State;

/// <summary>The docker machines of one executor: what was done is counted exactly, what they do now is put together from the log and the machines' store.</summary>
internal sealed class MachineState(bool isSsh, MachineTally kept)
{
    private const int MostMachines = 10_000;
    private const long Idle = 0;
    private const long Leaving = -1;
    private const long UnknownJob = -2;

    private readonly Dictionary<string, long> _machines = new(kept.Machines, StringComparer.Ordinal);
    private Durations _creation = kept.CreationSeconds ?? Durations.Empty(Durations.MachineBounds);
    private long _created = kept.Created;
    private long _used = kept.Used;
    private long _removed = kept.Removed;
    private MachineCounts? _seen;

    public void Created(string name, double? seconds)
    {
        _created++;
        if (seconds is { } known) _creation = _creation.With(Durations.MachineBounds, known);
        if (_machines.Count < MostMachines) _machines[name] = Idle;
    }

    /// <summary>The name in this line is wrong when a preparation is tried again: it is only believed of a machine that is known.</summary>
    public void Used(string name, long? job)
    {
        _used++;
        if (_machines.ContainsKey(name)) _machines[name] = job is > 0 ? job.Value : UnknownJob;
    }

    public void Removing(string name)
    {
        if (_machines.ContainsKey(name) || _machines.Count < MostMachines) _machines[name] = Leaving;
    }

    public void Removed(string name)
    {
        _removed++;
        _machines.Remove(name);
    }

    /// <summary>A job ended: its machine waits for the next one.</summary>
    public void JobEnded(long job)
    {
        foreach ((string name, long user) in _machines)
        {
            if (user != job) continue;
            _machines[name] = Idle;
            return;
        }
    }

    /// <summary>The runner began anew: nothing is used. Its machines are still there.</summary>
    public void Reset()
    {
        foreach (string name in _machines.Keys.ToArray())
        {
            if (_machines[name] is not Leaving) _machines[name] = Idle;
        }
    }

    public void Seen(MachineCounts? counts) => _seen = counts;

    public MachineFigures Figures()
    {
        long inUse = 0, leaving = 0, idle = 0;
        foreach (long user in _machines.Values)
        {
            if (user == Idle) idle++;
            else if (user == Leaving) leaving++;
            else inUse++;
        }
        long removing = Math.Max(leaving, _seen?.Removing ?? 0);
        long creating = _seen?.Creating ?? 0;
        // The store has every machine, also those from before the log.
        if (_seen?.Total is { } total) idle = Math.Max(0, total - creating - removing - inUse);
        return new MachineFigures(isSsh, _created, _used, _removed, _creation, creating, removing, inUse, idle);
    }

    public MachineTally Tally() => new()
    {
        Created = _created,
        Used = _used,
        Removed = _removed,
        CreationSeconds = _creation,
        Machines = new Dictionary<string, long>(_machines, StringComparer.Ordinal),
    };
}
