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
        foreach ((string runner, string reason, long count) in Failures.Of(now))
            writer.Write(GitLabFamilies.FailedJobs, GitLabFamilies.FailureLabels.WithValues(runner, reason), count);
        foreach ((string level, long count) in now.Errors)
            writer.Write(GitLabFamilies.Errors, GitLabFamilies.LevelLabels.WithValues(level), count);
        foreach ((string runner, Durations seconds) in now.JobSeconds)
            writer.WriteHistogram(GitLabFamilies.JobSeconds, GitLabFamilies.RunnerLabels.WithValues(runner), Durations.JobBounds, seconds.Counts, seconds.Sum);
        if (config() is { } settings)
        {
            if (settings.Concurrent is { } concurrent) writer.Write(GitLabFamilies.Concurrent, concurrent);
            foreach ((string label, RunnerEntry runner) in Limits.Of(settings, now)) writer.Write(GitLabFamilies.Limit, GitLabFamilies.RunnerLabels.WithValues(label), runner.Limit);
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

