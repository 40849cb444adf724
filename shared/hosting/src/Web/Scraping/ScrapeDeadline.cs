namespace CiMetrics.Hosting;

/// <summary>
/// The time that one scrape has. Its metrics must be there a margin before the scraper's time-out; what is left is for
/// sending them.
/// </summary>
internal sealed class ScrapeDeadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenSource _either;
    private readonly CancellationTokenSource _soon;
    private readonly CancellationTokenSource _toPrepare;

    /// <summary>Starts the clock.</summary>
    /// <param name="timeout">How long the scraper waits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="aborted">Cancelled when the scraper is gone.</param>
    public ScrapeDeadline(TimeSpan timeout, TimeProvider time, CancellationToken aborted)
    {
        Timeout = timeout;
        ToGather = timeout - ScrapeTimeout.Margin(timeout);
        _time = time;
        _start = time.GetTimestamp();
        _clock = new CancellationTokenSource(ToGather, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_clock.Token, aborted);
        _soon = new CancellationTokenSource(ToGather - Grace(ToGather), time);
        _toPrepare = CancellationTokenSource.CreateLinkedTokenSource(_soon.Token, aborted);
    }

    /// <summary>How long the scraper waits.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>How long gathering may take.</summary>
    public TimeSpan ToGather { get; }

    /// <summary>Cancelled when the time is over or the scraper is gone.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>
    /// Cancelled a moment before <see cref="Token"/>: who prepares the scrape can still settle for what came in time.
    /// </summary>
    public CancellationToken ToPrepare => _toPrepare.Token;

    /// <summary>True when the time is over.</summary>
    public bool HasPassed => _soon.IsCancellationRequested || _clock.IsCancellationRequested;

    /// <summary>The metrics are there: the margin may be used, too.</summary>
    public void ExtendForSending()
    {
        var left = Timeout - _time.GetElapsedTime(_start);
        _clock.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private static TimeSpan Grace(TimeSpan toGather) =>
        TimeSpan.FromMilliseconds(Math.Min(250, toGather.TotalMilliseconds / 20));

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whatever ended the scrape, work for it that is still under way is in vain.
        _toPrepare.Cancel();
        _toPrepare.Dispose();
        _soon.Dispose();
        _either.Dispose();
        _clock.Dispose();
    }
}
