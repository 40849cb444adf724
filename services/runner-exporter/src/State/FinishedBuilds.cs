namespace CiMetrics.RunnerExporter.State;

/// <summary>Builds that have ended, in the order of their end, for a bounded time and in a bounded number.</summary>
internal sealed class FinishedBuilds(FinishedRetention retention)
{
    private readonly List<Build> _builds = [];

    public IReadOnlyList<Build> All => _builds;

    /// <summary>Whether a build whose end was seen then is still shown.</summary>
    public bool Shows(BuildEnd end, DateTimeOffset now) => now - end.SeenAt < retention.Ttl;

    public DateTimeOffset ExpiryOf(BuildEnd end) => end.SeenAt + retention.Ttl;

    public Build? Find(string id) => _builds.Find(build => string.Equals(build.Facts.Id, id, StringComparison.Ordinal));

    /// <summary>Keeps the build; it takes the place of an earlier run of the same container and, at the limit, of the oldest.</summary>
    public void Add(Build build)
    {
        Remove(build.Facts.Id);
        _builds.Add(build);
        if (_builds.Count > retention.Max) _builds.RemoveAt(0);
    }

    public void Remove(string id) => _builds.RemoveAll(build => string.Equals(build.Facts.Id, id, StringComparison.Ordinal));

    public void Expire(DateTimeOffset now) => _builds.RemoveAll(build => !Shows(build.End!, now));
}
