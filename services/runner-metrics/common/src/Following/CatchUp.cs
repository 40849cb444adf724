namespace CiMetrics.RunnerMetrics.Following;

/// <summary>
/// Whether the logs were read up to the end that they had at the start. Before that there is nothing to scrape: an
/// earlier process may have shown more than it had kept, and counters that begin below that would look like a restart
/// from zero, and be counted twice. A scrape does not wait for it, it is refused at once. Thread-safe.
/// </summary>
/// <param name="logs">How many there are; with none there is nothing to wait for, and nobody is called.</param>
/// <param name="notYet">What scrapes are told until then.</param>
/// <param name="ready">Called once, when all were read.</param>
public sealed class CatchUp(int logs, string notYet, Action ready)
{
    private int _behind = logs;

    /// <summary>Why there is nothing to scrape yet; null once there is.</summary>
    public string? Problem => Volatile.Read(ref _behind) > 0 ? notYet : null;

    /// <summary>A log was read up to its end: from now on its counters never go back. To be called once for each.</summary>
    public void Finish()
    {
        if (Interlocked.Decrement(ref _behind) == 0) ready();
    }
}
