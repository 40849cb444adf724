namespace CiMetrics.Spacelift.State;

/// <summary>One refresh and the scrapes that wait for it. Nobody waits longer than its limit, whatever becomes of its work.</summary>
internal sealed class Flight
{
    // What ends a call at the limit needs a moment itself.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly long _start;
    private long _landed;

    /// <summary>Starts it.</summary>
    /// <param name="work">The work; its token is cancelled at the limit, and it should end then.</param>
    /// <param name="longest">The limit.</param>
    /// <param name="time">The clock.</param>
    public Flight(Func<CancellationToken, Task> work, TimeSpan longest, TimeProvider time)
    {
        _time = time;
        _limit = longest + Grace;
        _start = time.GetTimestamp();
        Work = Task.Run(() => RunAsync(work, longest));
    }

    /// <summary>How many scrapes wait. Guarded by its owner's lock.</summary>
    public int Waiting { get; set; }

    /// <summary>Whether the work has ended.</summary>
    public bool HasEnded => Work.IsCompleted;

    /// <summary>Whether the work goes on although its limit has passed.</summary>
    public bool IsOverdue => !HasEnded && Elapsed >= _limit;

    /// <summary>How long it has been under way.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    private Task Work { get; }

    /// <summary>Whether it ended long ago enough for another one.</summary>
    public bool IsOld(TimeSpan minAge) => HasEnded && _time.GetElapsedTime(Volatile.Read(ref _landed)) >= minAge;

    /// <summary>Waits for the end of the work, until the deadline or the limit.</summary>
    public async Task WaitAsync(CancellationToken deadline)
    {
        TimeSpan left = _limit - Elapsed;
        // A millisecond more than is left: timers are a little early at times.
        await Work.WaitAsync(left > TimeSpan.Zero ? left + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, _time, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Nobody waits any more: ends the work.</summary>
    public void End() => _abandoned.TrySetResult();

    private async Task RunAsync(Func<CancellationToken, Task> work, TimeSpan longest)
    {
        using CancellationTokenSource end = new(longest, _time);
        try
        {
            Task all = work(end.Token);
            if (await Task.WhenAny(all, _abandoned.Task) != all) await end.CancelAsync();
            await all;
        }
        finally
        {
            Volatile.Write(ref _landed, _time.GetTimestamp());
        }
    }
}
