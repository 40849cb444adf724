namespace CiMetrics.Spacelift.Api;

/// <summary>The calls that may be made within any 60 minutes.</summary>
/// <param name="limit">How many; 0: no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class CallBudget(long limit, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Queue<long> _calls = new();

    /// <summary>How many are left now; null without a limit.</summary>
    public long? Left
    {
        get
        {
            if (limit == 0) return null;
            lock (_lock)
            {
                Forget();
                return limit - _calls.Count;
            }
        }
    }

    /// <summary>Takes one call; false when none is left.</summary>
    public bool TryTake()
    {
        if (limit == 0) return true;
        lock (_lock)
        {
            Forget();
            if (_calls.Count >= limit) return false;
            _calls.Enqueue(time.GetTimestamp());
            return true;
        }
    }

    private void Forget()
    {
        while (_calls.TryPeek(out long oldest) && time.GetElapsedTime(oldest) >= Window) _calls.Dequeue();
    }
}
