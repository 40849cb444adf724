using CiMetrics.AlloyRunner.State;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Writes the metrics of later AlloyCI runners.</summary>
internal sealed class AlloyCollector(Func<RunnerSnapshot> snapshot) : ICollector
{
    public string Name => "runner";

    public IReadOnlyList<MetricFamily> Families => AlloyFamilies.All;

    public void Collect(MetricWriter writer)
    {
        RunnerSnapshot now = snapshot();
        foreach (BuildGroup build in now.Builds)
            writer.Write(AlloyFamilies.Builds, AlloyFamilies.BuildLabels.WithValues(build.Runner, build.State, build.Stage, ""), build.Count);
        foreach ((string runner, string reason, long count) in Failures.Of(now))
            writer.Write(AlloyFamilies.FailedJobs, AlloyFamilies.FailureLabels.WithValues(runner, reason), count);
        foreach ((string level, long count) in now.Errors)
            writer.Write(AlloyFamilies.Errors, AlloyFamilies.LevelLabels.WithValues(level), count);
        foreach (MachineFigures machines in now.Machines)
        {
            AlloyFamilies.MachineFamilies families = machines.IsSsh ? AlloyFamilies.Ssh : AlloyFamilies.Docker;
            writer.Write(families.Actions, AlloyFamilies.ActionLabels.WithValues("created"), machines.Created);
            writer.Write(families.Actions, AlloyFamilies.ActionLabels.WithValues("used"), machines.Used);
            writer.Write(families.Actions, AlloyFamilies.ActionLabels.WithValues("removed"), machines.Removed);
            MachineStates.Write(writer, families.States, AlloyFamilies.StateLabels, machines, withStuck: true);
            writer.WriteHistogram(families.Creation, LabelSet.Empty, Durations.MachineBounds, machines.CreationSeconds.Counts, machines.CreationSeconds.Sum);
        }
    }
}

/// <summary>Failed jobs as the runners themselves count them: the job's fault, or the runner's.</summary>
internal static class Failures
{
    /// <summary>Runner, reason and count.</summary>
    public static IEnumerable<(string Runner, string Reason, long Count)> Of(RunnerSnapshot snapshot) =>
        snapshot.Finished
            .Where(finished => finished.Key.Result != JobResult.Success)
            .GroupBy(finished => (finished.Key.Runner, Reason: finished.Key.Result == JobResult.SystemFailure ? "runner_system_failure" : "script_failure"))
            .OrderBy(group => group.Key)
            .Select(group => (group.Key.Runner, group.Key.Reason, group.Sum(finished => finished.Value)));
}
