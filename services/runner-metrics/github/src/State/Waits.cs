namespace CiMetrics.GitHubRunner.State;

/// <summary>How long jobs waited for a runner, by runner and by where that is known from.</summary>
internal sealed class Waits(List<WaitSeries> kept)
{
    /// <summary>Runners that have series of their own.</summary>
    public const int MostRunners = 500;

    /// <summary>What the others are counted under.</summary>
    public const string Other = "other";

    /// <summary>From the moment that we heard that the job was queued, which an approval's wait is no part of.</summary>
    public const string FromQueuedEvent = "queued_event";

    /// <summary>From the creation of the job, as GitHub has it.</summary>
    public const string FromCreation = "created_at";

    private readonly Dictionary<(string Runner, string Source), WaitSeries> _series = kept.ToDictionary(each => (each.Runner, each.Source));
    private readonly HashSet<string> _runners = kept.Select(each => each.Runner).ToHashSet(StringComparer.Ordinal);

    public IReadOnlyCollection<WaitSeries> Series => _series.Values;

    /// <summary>Counts one; gives whether it was folded.</summary>
    public bool Observe(string runner, string source, double seconds)
    {
        bool isFolded = !_runners.Contains(runner) && _runners.Count >= MostRunners;
        if (isFolded) runner = Other;
        _runners.Add(runner);
        if (!_series.TryGetValue((runner, source), out WaitSeries? series)) _series.Add((runner, source), series = new WaitSeries(runner, source, new Durations()));
        series.Seconds.Observe(Durations.QueueBounds, seconds);
        return isFolded;
    }
}

/// <summary>The waits of one runner's jobs.</summary>
internal sealed record WaitSeries(string Runner, string Source, Durations Seconds);
