namespace CiMetrics.AlloyRunner.Following;

/// <summary>What the reader of the log tells the others.</summary>
internal sealed class LogStatus
{
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LogHealth _health = LogHealth.None;

    /// <summary>How the log is read.</summary>
    public LogHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>What was there at the start has been read: from now on the counters never go back.</summary>
    public void CaughtUp() => _caughtUp.TrySetResult();

    /// <summary>
    /// Has the first scrapes wait for that. Counters that begin below what an earlier process had shown would look like
    /// a restart from zero, and be counted twice.
    /// </summary>
    public async Task<string?> WaitAsync(CancellationToken deadline)
    {
        if (_caughtUp.Task.IsCompleted) return null;
        try
        {
            await _caughtUp.Task.WaitAsync(deadline);
            return null;
        }
        catch (OperationCanceledException)
        {
            return "the runner's log is still being read up to its present end";
        }
    }
}
