using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>What the reader of the log tells the others.</summary>
/// <param name="ready">Called once, when scrapes may be answered.</param>
internal sealed class LogStatus(Action ready)
{
    /// <summary>Why scrapes are not answered before the log was read up to its end.</summary>
    public const string NotYet = "the runner's log is still being read up to its present end";

    private readonly CatchUp _catchUp = new(logs: 1, NotYet, ready);
    private volatile LogHealth _health = LogHealth.None;

    /// <summary>How the log is read.</summary>
    public LogHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>Why there is nothing to scrape yet; null once there is.</summary>
    public string? Problem => _catchUp.Problem;

    /// <summary>What was there at the start has been read; further calls do nothing. For the reader of the log alone.</summary>
    public void CaughtUp()
    {
        if (Problem is not null) _catchUp.Finish();
    }
}
