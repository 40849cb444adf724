namespace CiMetrics.RunnerExporter.State;

/// <summary>
/// What of a build has been counted for its runner. It is kept longer than the build, so that nothing counts twice when
/// an event is repeated or a build that was taken for ended comes back.
/// </summary>
/// <param name="total">The runner's totals.</param>
/// <param name="startedAt">Which run of the container is counted.</param>
/// <param name="fromStart">
/// False for a build that ran before the exporter did: what it used until its first sample may have been counted by an
/// exporter that ran before, and is left out.
/// </param>
internal sealed class BuildRecord(RunnerTotal total, DateTimeOffset startedAt, bool fromStart)
{
    private long? _cpuNanoseconds = fromStart ? 0 : null;
    private long? _oomKills = fromStart ? 0 : null;
    private DateTimeOffset _startedAt = startedAt;
    private bool _ended;

    /// <summary>Whether everything that the build has used is counted.</summary>
    public bool IsFromStart => fromStart;

    /// <summary>A run of the container begins; one that is known goes on.</summary>
    public void Begin(DateTimeOffset startedAt)
    {
        if (startedAt == _startedAt) return;
        _startedAt = startedAt;
        _cpuNanoseconds = 0;
        _oomKills = 0;
    }

    /// <summary>Counts what came in since the call before.</summary>
    /// <param name="cpuNanoseconds">Cumulative since the start; null where it is not known.</param>
    /// <param name="oomKills">Cumulative since the start.</param>
    public void Use(long? cpuNanoseconds, long oomKills) =>
        total.CountUse(cpuNanoseconds is { } known ? Advance(ref _cpuNanoseconds, known) : 0, Advance(ref _oomKills, oomKills));

    /// <summary>Counts the build as ended, once, however often its container runs.</summary>
    public void Finish(BuildResult result, TimeSpan? duration)
    {
        if (_ended) return;
        _ended = true;
        total.CountBuild(result, duration);
    }

    private static long Advance(ref long? counted, long now)
    {
        long more = counted is { } before ? Math.Max(0, now - before) : 0;
        counted = Math.Max(counted ?? 0, now);
        return more;
    }
}
