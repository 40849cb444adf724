namespace CiMetrics.AlloyRunner.State;

/// <summary>Adds up the jobs that run by what is known of each.</summary>
internal static class BuildGroups
{
    /// <summary>A runner's own word for a job that it prepares.</summary>
    private const string Pending = "pending";

    private const string Running = "running";

    /// <summary>The groups.</summary>
    /// <param name="live">The jobs that run.</param>
    /// <param name="seen">Those that processes and containers show at work; null: nobody looks at these.</param>
    /// <param name="executors">Who looks at whose jobs.</param>
    /// <param name="hasEnded">Whether a job is known to have ended: its containers stay for a while.</param>
    public static IReadOnlyList<BuildGroup> Of(LiveJobs live, Func<JobSight, IReadOnlyList<SeenJob>?> seen, JobExecutors executors, Func<long, bool> hasEnded)
    {
        Dictionary<(string, string, string), long> counts = [];
        List<LiveJob> left = [.. live.Known];
        long unknown = live.Unknown;
        // Those that can be told first; the labels do not tell the others apart, so that any will do.
        foreach ((JobSight sight, SeenJob job) in Enum.GetValues<JobSight>().SelectMany(sight => (seen(sight) ?? []).Select(job => (sight, job))).OrderBy(each => each.job.Job is null))
        {
            int index = job.Job is { } id ? left.FindIndex(known => known.Job == id) : left.FindIndex(known => executors.Sight(known.Runner) == sight);
            if (index >= 0)
            {
                string runner = left[index].Runner;
                Count(runner, Running, executors.HasStages(runner) ? job.Stage : RunnerState.NotSeen);
                left.RemoveAt(index);
            }
            else if (unknown > 0 && !(job.Job is { } other && hasEnded(other)))
            {
                unknown--;
                Count("", Running, job.Stage);
            }
        }
        // Not at work yet, or not any more; where nobody looks it is only known that they run.
        foreach (LiveJob job in left) CountUnseen(job.Runner);
        if (unknown > 0) CountUnseen("", unknown);
        return [.. counts.OrderBy(count => count.Key).Select(count => new BuildGroup(count.Key.Item1, count.Key.Item2, count.Key.Item3, count.Value))];

        void Count(string runner, string state, string stage, long by = 1) => counts[(runner, state, stage)] = counts.GetValueOrDefault((runner, state, stage)) + by;

        void CountUnseen(string runner, long by = 1)
        {
            if (executors.Sight(runner) is { } sight && seen(sight) is not null) Count(runner, Pending, "", by);
            else Count(runner, Running, RunnerState.NotSeen, by);
        }
    }
}
