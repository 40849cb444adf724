namespace CiMetrics.Hosting;

/// <summary>How far something that can be reloaded has been: used by one thread at a time, its figures read by any.</summary>
internal sealed class ReloadState(IReloadable reloadable, DateTimeOffset start)
{
    private string? _unsettled;
    private volatile Figures _last = new(true, start);

    /// <summary>What is reloaded.</summary>
    public IReloadable Reloadable => reloadable;

    /// <summary>Whether the last reload went well, and when one last did.</summary>
    public Figures Last => _last;

    /// <summary>
    /// True when the files have changed and were the same at the last look: certificate and key are often written one
    /// after the other, and a file half written is no mistake of anyone's.
    /// </summary>
    public bool HasSettledChange()
    {
        var now = reloadable.Now();
        if (now == reloadable.Seen)
        {
            _unsettled = null;
            return false;
        }
        if (now == _unsettled)
            return true;
        _unsettled = now;
        return false;
    }

    /// <summary>Reads again; returns the mistakes.</summary>
    public IReadOnlyList<Problem> Reload(DateTimeOffset now)
    {
        _unsettled = null;
        _last = _last with { Succeeded = false };
        var problems = reloadable.Reload();
        if (problems.Count == 0)
            _last = new Figures(true, now);
        return problems;
    }

    /// <summary>Whether the last reload went well, and when one last did; the start counts as one.</summary>
    internal sealed record Figures(bool Succeeded, DateTimeOffset LastSuccess);
}
