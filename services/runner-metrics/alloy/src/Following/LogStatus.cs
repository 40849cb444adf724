namespace CiMetrics.AlloyRunner.Following;

/// <summary>What the reader of the log tells the others.</summary>
/// <param name="ready">Called once, when scrapes may be answered.</param>
internal sealed class LogStatus(Action ready)
{
    /// <summary>Why scrapes are not answered before the log was read up to its end.</summary>
    public const string NotYet = "the runner's log is still being read up to its present end";

    private volatile LogHealth _health = LogHealth.None;
    private volatile bool _isCaughtUp;

    /// <summary>How the log is read.</summary>
    public LogHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>
    /// Why there is nothing to scrape yet; null once there is. An earlier process may have shown more than it had kept:
    /// counters that begin below that would look like a restart from zero, and be counted twice. A scrape does not wait
    /// for it, it is refused at once.
    /// </summary>
    public string? Problem => _isCaughtUp ? null : NotYet;

    /// <summary>What was there at the start has been read: from now on the counters never go back.</summary>
    public void CaughtUp()
    {
        if (_isCaughtUp) return;
        _isCaughtUp = true;
        ready();
    }
}
