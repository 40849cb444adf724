using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>
/// Which builds run, what they use and how they ended, computed from events. Single writer, no I/O, no clock but the
/// times it is told: events may repeat and may overlap with a list, and the result is the same.
/// </summary>
internal sealed class BuildState(FinishedRetention retention)
{
    /// <summary>Builds exported at once. A host runs a handful; the limit keeps a runaway host from flooding Prometheus.</summary>
    public const int MaxBuilds = 1000;

    // Builds that run, and those that are gone while the event of their end is on its way.
    private readonly Dictionary<string, Build> _builds = new(StringComparer.Ordinal);
    private readonly FinishedBuilds _finished = new(retention);
    private readonly RecentSet<string> _counted = new(capacity: 4096);
    private DateTimeOffset _now;
    private bool _engineUp;
    private long _started;
    private long _dropped;

    /// <summary>When the next build that has ended stops being shown; null when there is none.</summary>
    public DateTimeOffset? NextExpiry => _builds.Values.Concat(_finished.All)
        .Where(build => build.End is { } end && _finished.Shows(end, _now))
        .Select(build => (DateTimeOffset?)_finished.ExpiryOf(build.End!))
        .Min();

    /// <summary>Takes an event in.</summary>
    public void Apply(BuildEvent @event)
    {
        switch (@event)
        {
            case BuildEvent.Clock clock:
                _now = clock.Now;
                _finished.Expire(_now);
                break;
            case BuildEvent.EngineUp:
                _engineUp = true;
                break;
            case BuildEvent.EngineDown:
                _engineUp = false;
                break;
            case BuildEvent.Running running:
                Run(running.Facts);
                break;
            case BuildEvent.Flashed flashed:
                Flash(flashed);
                break;
            case BuildEvent.Paused paused when _builds.TryGetValue(paused.Id, out Build? build):
                build.Facts = build.Facts with { Paused = paused.IsPaused };
                break;
            case BuildEvent.OutOfMemory oom when (_builds.GetValueOrDefault(oom.Id) ?? _finished.Find(oom.Id)) is { } build:
                build.RanOutOfMemory = true;
                break;
            case BuildEvent.Ended ended:
                Finish(ended);
                break;
            case BuildEvent.Renamed renamed:
                _builds.Remove(renamed.Id);
                break;
            case BuildEvent.Listed listed:
                foreach (Build build in _builds.Values.Where(build => !listed.RunningIds.Contains(build.Facts.Id)).ToArray()) Miss(build);
                break;
            case BuildEvent.Sampled sampled:
                Sample(sampled);
                break;
        }
    }

    /// <summary>What a scrape shows from now on.</summary>
    public BuildSnapshot Snapshot()
    {
        Build[] running = [.. _builds.Values.Where(build => build.End is null)];
        // Without the engine only a build whose own figures still come is known to run.
        BuildView[] shown = Views(running.Where(build => _engineUp || build.HasUsage));
        HashSet<Discovery.BuildName> taken = [.. running.Select(build => build.Facts.Name)];
        BuildView[] finished = Views(_finished.All
            .Concat(_builds.Values.Where(build => build.End is not null))
            .Where(build => _finished.Shows(build.End!, _now) && !taken.Contains(build.Facts.Name)));
        if (finished.Length > retention.Max)
            finished = [.. finished.OrderByDescending(view => view.End!.SeenAt).Take(retention.Max).Reverse()];
        return new BuildSnapshot(_engineUp, [.. running.Select(build => build.Facts)], shown, finished, _started, _dropped);
    }

    /// <summary>Two containers cannot have one name at one time; after a rename the younger one is the build.</summary>
    private static BuildView[] Views(IEnumerable<Build> builds) =>
    [
        .. builds
            .GroupBy(build => build.Facts.Name)
            .Select(sameName => sameName.MaxBy(build => build.Facts.StartedAt)!.View())
            .OrderBy(view => view.Facts.StartedAt)
            .ThenBy(view => view.Facts.Name.PipelineUuid, StringComparer.Ordinal),
    ];

    private void Run(BuildFacts facts)
    {
        bool isNew = Count(facts.Id);
        if (_builds.TryGetValue(facts.Id, out Build? known) && known.Facts.StartedAt == facts.StartedAt && known.Facts.Name == facts.Name)
        {
            known.Facts = facts;
            known.End = null;
            known.Missed = false;
        }
        else if (_builds.Count < MaxBuilds || known is not null)
        {
            // What the engine says now is younger than any end that was told.
            _finished.Remove(facts.Id);
            _builds[facts.Id] = new Build(facts);
        }
        else if (isNew)
        {
            _dropped++;
        }
    }

    private void Flash(BuildEvent.Flashed flashed)
    {
        bool isNew = Count(flashed.Id);
        if (_builds.TryGetValue(flashed.Id, out Build? known)) Leave(known);
        else if (isNew && flashed.Name is { } name && _builds.Count < MaxBuilds)
            _builds[flashed.Id] = new Build(BuildFacts.OfName(flashed.Id, name, flashed.StartedAt)) { End = new BuildEnd(_now) };
    }

    private bool Count(string id)
    {
        if (!_counted.Add(id)) return false;
        _started++;
        return true;
    }

    private void Leave(Build build) => build.End ??= new BuildEnd(_now);

    private void Miss(Build build)
    {
        Leave(build);
        if (build.Missed) Finish(new BuildEvent.Ended(build.Facts.Id));
        else build.Missed = true;
    }

    private void Finish(BuildEvent.Ended ended)
    {
        if (_builds.TryGetValue(ended.Id, out Build? build))
        {
            // A replayed end of an earlier run of the same container.
            if (ended.FinishedAt < build.Facts.StartedAt) return;
            _builds.Remove(ended.Id);
            build.End = new BuildEnd(build.End?.SeenAt ?? _now, ended.FinishedAt, ended.ExitCode);
            _finished.Add(build);
        }
        else if (_finished.Find(ended.Id) is { End: { ExitCode: null } end } finished)
        {
            finished.End = end with { FinishedAt = ended.FinishedAt ?? end.FinishedAt, ExitCode = ended.ExitCode };
        }
    }

    private void Sample(BuildEvent.Sampled sampled)
    {
        Build? build = _builds.GetValueOrDefault(sampled.Id) ?? _finished.Find(sampled.Id);
        if (build is null || build.Facts.StartedAt != sampled.StartedAt) return;
        if (sampled.Outcome.TryGet(out ContainerSample? sample)) build.Add(sample);
        else if (sampled.Outcome.Status == SampleStatus.Gone) Leave(build);
        else build.Fail();
    }
}
