using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Writes the metrics under GitLab Runner's names.</summary>
internal sealed class GitLabCollector(Func<RunnerSnapshot> snapshot, Func<RunnerConfig?> config) : ICollector
{
    public string Name => "runner";

    public IReadOnlyList<MetricFamily> Families => GitLabFamilies.All;

    public void Collect(MetricWriter writer)
    {
        RunnerSnapshot now = snapshot();
        foreach (BuildGroup build in now.Builds)
            writer.Write(GitLabFamilies.Jobs, GitLabFamilies.JobLabels.WithValues(build.Runner, build.State, build.Stage, ""), build.Count);
        foreach ((string runner, long count) in now.Started)
            writer.Write(GitLabFamilies.JobsTotal, GitLabFamilies.RunnerLabels.WithValues(runner), count);
        foreach ((string runner, string reason, long count) in Failures.Of(now))
            writer.Write(GitLabFamilies.FailedJobs, GitLabFamilies.FailureLabels.WithValues(runner, reason), count);
        foreach ((string level, long count) in now.Errors)
            writer.Write(GitLabFamilies.Errors, GitLabFamilies.LevelLabels.WithValues(level), count);
        foreach ((string runner, Durations seconds) in now.JobSeconds)
            writer.WriteHistogram(GitLabFamilies.JobSeconds, GitLabFamilies.RunnerLabels.WithValues(runner), Durations.JobBounds, seconds.Counts, seconds.Sum);
        if (config() is { } settings)
        {
            if (settings.Concurrent is { } concurrent) writer.Write(GitLabFamilies.Concurrent, concurrent);
            foreach (RunnerEntry runner in Limits.Of(settings)) writer.Write(GitLabFamilies.Limit, GitLabFamilies.RunnerLabels.WithValues(runner.ShortToken), runner.Limit);
        }
        foreach (MachineFigures machines in now.Machines)
        {
            string executor = machines.IsSsh ? "docker-ssh+machine" : "docker+machine";
            writer.Write(GitLabFamilies.MachineActions, GitLabFamilies.ActionLabels.WithValues(executor, "created"), machines.Created);
            writer.Write(GitLabFamilies.MachineActions, GitLabFamilies.ActionLabels.WithValues(executor, "used"), machines.Used);
            writer.Write(GitLabFamilies.MachineActions, GitLabFamilies.ActionLabels.WithValues(executor, "removed"), machines.Removed);
            MachineStates.Write(writer, GitLabFamilies.MachineStates, GitLabFamilies.StateLabels, machines, withStuck: true, executor);
            writer.WriteHistogram(
                GitLabFamilies.MachineCreation, GitLabFamilies.ExecutorLabels.WithValues(executor), Durations.MachineBounds, machines.CreationSeconds.Counts, machines.CreationSeconds.Sum);
        }
    }
}

/// <summary>The runners whose limits are exported: bounded in number, each label once.</summary>
internal static class Limits
{
    /// <summary>Those with a token to know them by.</summary>
    public static IEnumerable<RunnerEntry> Of(RunnerConfig config) =>
        config.Runners.Where(runner => runner.ShortToken.Length > 0).DistinctBy(runner => runner.ShortToken, StringComparer.Ordinal).Take(RunnerNames.Most);
}
