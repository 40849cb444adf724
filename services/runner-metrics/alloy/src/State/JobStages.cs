using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.State;

/// <summary>How long jobs stay in each stage, from looking at them again and again: as exact as the looks are frequent.</summary>
internal sealed class JobStages
{
    /// <summary>Every stage that has a name.</summary>
    public static readonly string[] Names =
        ["prepare_script", "get_sources", "restore_cache", "download_artifacts", "build_script", "after_script", "archive_cache", "upload_artifacts"];

    private readonly Dictionary<string, (string Stage, DateTimeOffset Since, bool IsWhole)> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Durations> _seconds;
    private bool _hasLooked;

    public JobStages(IReadOnlyDictionary<string, Durations> seconds) => _seconds = new Dictionary<string, Durations>(seconds, StringComparer.Ordinal);

    /// <summary>What was measured.</summary>
    public IReadOnlyDictionary<string, Durations> Seconds => _seconds;

    /// <summary>Takes a look.</summary>
    public void Look(IReadOnlyList<SeenJob> jobs, DateTimeOffset now)
    {
        HashSet<string> here = new(StringComparer.Ordinal);
        foreach (SeenJob job in jobs)
        {
            here.Add(job.Key);
            if (_seen.TryGetValue(job.Key, out var last) && last.Stage == job.Stage) continue;
            End(job.Key, now);
            // What was under way at the first look began at a time that nobody knows.
            _seen[job.Key] = (job.Stage, now, _hasLooked);
        }
        foreach (string gone in _seen.Keys.Where(key => !here.Contains(key)).ToArray()) End(gone, now);
        _hasLooked = true;
    }

    /// <summary>Nobody looks any more.</summary>
    public void Stop()
    {
        _seen.Clear();
        _hasLooked = false;
    }

    private void End(string key, DateTimeOffset now)
    {
        if (!_seen.Remove(key, out var last) || !last.IsWhole || !Names.Contains(last.Stage, StringComparer.Ordinal)) return;
        BucketBounds bounds = Durations.StageBounds;
        _seconds[last.Stage] = _seconds.GetValueOrDefault(last.Stage, Durations.Empty(bounds)).With(bounds, Math.Max(0, (now - last.Since).TotalSeconds));
    }
}
