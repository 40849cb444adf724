namespace CiMetrics.AlloyRunner.State;

/// <summary>Adds up the jobs that run by what is known of each.</summary>
internal static class BuildGroups
{
    /// <summary>A runner's own word for a job that it prepares.</summary>
    private const string Pending = "pending";

    private const string Running = "running";

    /// <summary>The groups.</summary>
    /// <param name="live">The jobs that run.</param>
    /// <param name="seen">Those that processes or containers show at work; null: nobody looks.</param>
    public static IReadOnlyList<BuildGroup> Of(LiveJobs live, IReadOnlyList<SeenJob>? seen)
    {
        Dictionary<(string, string, string), long> counts = [];
        List<LiveJob> left = [.. live.Known];
        long unknown = live.Unknown;
        if (seen is not null)
        {
            // Those that can be told first; the labels do not tell the others apart, so that any will do.
            foreach (SeenJob job in seen.OrderBy(job => job.Job is null))
            {
                int index = job.Job is { } id ? left.FindIndex(known => known.Job == id) : left.Count > 0 ? 0 : -1;
                if (index >= 0)
                {
                    Count(left[index].Runner, Running, job.Stage);
                    left.RemoveAt(index);
                }
                else if (job.Job is null && unknown > 0)
                {
                    unknown--;
                    Count("", Running, job.Stage);
                }
            }
        }
        // Not at work yet, or not any more; where nobody looks it is only known that they run.
        (string state, string stage) = seen is null ? (Running, RunnerState.NotSeen) : (Pending, "");
        foreach (LiveJob job in left) Count(job.Runner, state, stage);
        if (unknown > 0) Count("", state, stage, unknown);
        return [.. counts.OrderBy(count => count.Key).Select(count => new BuildGroup(count.Key.Item1, count.Key.Item2, count.Key.Item3, count.Value))];

        void Count(string runner, string state, string stage, long by = 1) => counts[(runner, state, stage)] = counts.GetValueOrDefault((runner, state, stage)) + by;
    }
}
