using CiMetrics.RunnerExporter.Sampling;

namespace CiMetrics.RunnerExporter.State;

/// <summary>
/// Which builds run and what they use, computed from events. Single writer, no I/O, no clock: events may repeat and
/// may overlap with a list, and the result is the same.
/// </summary>
internal sealed class BuildState
{
    /// <summary>Builds exported at once. A host runs a handful; the limit keeps a runaway host from flooding Prometheus.</summary>
    public const int MaxBuilds = 1000;

    private readonly Dictionary<string, Build> _builds = new(StringComparer.Ordinal);
    private readonly RecentSet<string> _counted = new(capacity: 4096);
    private bool _engineUp;
    private long _started;
    private long _dropped;

    /// <summary>Takes an event in.</summary>
    public void Apply(BuildEvent @event)
    {
        switch (@event)
        {
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
                Count(flashed.Id);
                break;
            case BuildEvent.Paused paused when _builds.TryGetValue(paused.Id, out Build? build):
                build.Facts = build.Facts with { Paused = paused.IsPaused };
                break;
            case BuildEvent.Ended ended:
                _builds.Remove(ended.Id);
                break;
            case BuildEvent.Listed listed:
                foreach (string id in _builds.Keys.Where(id => !listed.RunningIds.Contains(id)).ToArray()) _builds.Remove(id);
                break;
            case BuildEvent.Sampled sampled when _builds.TryGetValue(sampled.Id, out Build? build) && build.Facts.StartedAt == sampled.StartedAt:
                Sample(build, sampled.Outcome);
                break;
        }
    }

    /// <summary>What a scrape shows from now on.</summary>
    public BuildSnapshot Snapshot()
    {
        // Without the engine only a build whose own figures still come is known to run. Two containers cannot have one
        // name at one time; after a rename the younger one is the build.
        BuildView[] views = [.. _builds.Values
            .Where(build => _engineUp || build.HasUsage)
            .GroupBy(build => build.Facts.Name)
            .Select(sameName => sameName.MaxBy(build => build.Facts.StartedAt)!.View())
            .OrderBy(view => view.Facts.StartedAt)
            .ThenBy(view => view.Facts.Name.PipelineUuid, StringComparer.Ordinal)];
        return new BuildSnapshot(_engineUp, [.. _builds.Values.Select(build => build.Facts)], views, _started, _dropped);
    }

    private void Run(BuildFacts facts)
    {
        bool isNew = Count(facts.Id);
        if (_builds.TryGetValue(facts.Id, out Build? known) && known.Facts.StartedAt == facts.StartedAt && known.Facts.Name == facts.Name)
        {
            known.Facts = facts;
        }
        else if (_builds.Count < MaxBuilds || known is not null)
        {
            _builds[facts.Id] = new Build(facts);
        }
        else if (isNew)
        {
            _dropped++;
        }
    }

    private bool Count(string id)
    {
        if (!_counted.Add(id)) return false;
        _started++;
        return true;
    }

    private void Sample(Build build, SampleOutcome outcome)
    {
        if (outcome.TryGet(out ContainerSample? sample)) build.Add(sample);
        else if (outcome.Status == SampleStatus.Gone) _builds.Remove(build.Facts.Id);
        else build.Fail();
    }
}
