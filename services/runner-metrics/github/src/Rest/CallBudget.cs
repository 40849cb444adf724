namespace CiMetrics.GitHubRunner.Rest;

/// <summary>How many calls may be made: an hour's worth, given back evenly, so that others can use the token too.</summary>
internal sealed class CallBudget(long perHour, TimeProvider time)
{
    private double _left = Math.Max(1, perHour / 60.0);
    private DateTimeOffset _at = time.GetUtcNow();
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;

    /// <summary>Takes one; false where there is none now.</summary>
    public bool TryTake()
    {
        DateTimeOffset now = time.GetUtcNow();
        _left = Math.Min(Math.Max(1, perHour / 60.0), _left + (Math.Max(0, (now - _at).TotalHours) * perHour));
        _at = now;
        if (now < _pausedUntil || _left < 1) return false;
        _left--;
        return true;
    }

    /// <summary>Makes no call for a time: GitHub has asked for that.</summary>
    public void Pause(TimeSpan duration)
    {
        DateTimeOffset until = time.GetUtcNow() + duration;
        if (until > _pausedUntil) _pausedUntil = until;
    }
}
