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
    private readonly RecentMap<string, BuildRecord> _records = new(capacity: 4096);
    private readonly RunnerTotals _totals = new();
    private DateTimeOffset? _begun;
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
                _begun ??= _now;
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
                build.RunOutOfMemory();
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
        return new BuildSnapshot(_engineUp, [.. running.Select(build => build.Facts)], shown, finished, _started, _dropped)
        {
            Runners = _totals.Views(),
            BuildsFolded = _totals.Folded,
        };
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
        if (_builds.TryGetValue(facts.Id, out Build? known) && known.Facts.StartedAt == facts.StartedAt && known.Facts.Name == facts.Name)
        {
            known.Facts = facts;
            known.End = null;
            known.Missed = false;
            return;
        }

        bool isNew = false;
        BuildRecord record = known?.Record ?? RecordOf(facts, out isNew);
        if (known is not null || _builds.Count < MaxBuilds)
        {
            // What the engine says now is younger than any end that was told.
            _finished.Remove(facts.Id);
            record.Begin(facts.StartedAt);
            _builds[facts.Id] = new Build(facts, record);
        }
        else if (isNew)
        {
            _dropped++;
        }
    }

    private void Flash(BuildEvent.Flashed flashed)
    {
        if (_builds.TryGetValue(flashed.Id, out Build? known))
        {
            Leave(known);
        }
        else
        {
            BuildFacts facts = BuildFacts.OfName(flashed.Id, flashed.Name, flashed.StartedAt);
            BuildRecord record = RecordOf(facts, out bool isNew);
            if (isNew && _builds.Count < MaxBuilds) _builds[flashed.Id] = new Build(facts, record) { End = new BuildEnd(_now) };
        }
    }

    /// <summary>The record of a build that is not among those that run; a new one counts as started.</summary>
    private BuildRecord RecordOf(BuildFacts facts, out bool isNew)
    {
        isNew = !_records.TryGet(facts.Id, out BuildRecord? record);
        if (record is not null) return record;
        _started++;
        record = new BuildRecord(_totals.OfNewBuild(facts.Name.RunnerUuid), facts.StartedAt, fromStart: !(facts.StartedAt < _begun));
        _records.Add(facts.Id, record);
        return record;
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
            build.Record.Finish(BuildResults.Of(ended.ExitCode), build.View().Duration);
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
