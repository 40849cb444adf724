using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.State;

/// <summary>How long jobs stay in each stage, from looking at them again and again: as exact as the looks are frequent.</summary>
internal sealed class JobStages
{
    /// <summary>Every stage that has a name.</summary>
    public static readonly string[] Names =
        ["prepare_script", "get_sources", "restore_cache", "download_artifacts", "build_script", "after_script", "archive_cache", "upload_artifacts"];

    // Null until the first look: what was under way then began at a time that nobody knows.
    private readonly Dictionary<JobSight, Dictionary<string, (string Stage, DateTimeOffset Since, bool IsWhole)>> _seen = [];
    private readonly Dictionary<string, Durations> _seconds;

    public JobStages(IReadOnlyDictionary<string, Durations> seconds) => _seconds = new Dictionary<string, Durations>(seconds, StringComparer.Ordinal);

    /// <summary>What was measured.</summary>
    public IReadOnlyDictionary<string, Durations> Seconds => _seconds;

    /// <summary>Takes a look.</summary>
    public void Look(JobSight sight, IReadOnlyList<SeenJob> jobs, DateTimeOffset now)
    {
        bool isFirst = !_seen.TryGetValue(sight, out var seen);
        if (seen is null) _seen.Add(sight, seen = new(StringComparer.Ordinal));
        HashSet<string> here = new(StringComparer.Ordinal);
        foreach (SeenJob job in jobs.Where(job => !job.IsBetween))
        {
            here.Add(job.Key);
            if (seen.TryGetValue(job.Key, out var last) && last.Stage == job.Stage) continue;
            End(seen, job.Key, now);
            seen[job.Key] = (job.Stage, now, job.IsFresh && !isFirst);
        }
        foreach (string gone in seen.Keys.Where(key => !here.Contains(key)).ToArray()) End(seen, gone, now);
    }

    /// <summary>The jobs are gone with the runner that had them; what comes from now on is seen to begin.</summary>
    public void Forget()
    {
        foreach (var seen in _seen.Values) seen.Clear();
    }

    /// <summary>Nobody looks any more.</summary>
    public void Stop(JobSight sight) => _seen.Remove(sight);

    private void End(Dictionary<string, (string Stage, DateTimeOffset Since, bool IsWhole)> seen, string key, DateTimeOffset now)
    {
        if (!seen.Remove(key, out var last) || !last.IsWhole || !Names.Contains(last.Stage, StringComparer.Ordinal)) return;
        BucketBounds bounds = Durations.StageBounds;
        _seconds[last.Stage] = _seconds.GetValueOrDefault(last.Stage, Durations.Empty(bounds)).With(bounds, Math.Max(0, (now - last.Since).TotalSeconds));
    }
}
