using CiMetrics.AlloyRunner.State;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Writes the metrics of the users' document: machines with their zeros, builds as they are.</summary>
internal sealed class DocCollector(Func<RunnerSnapshot> snapshot) : ICollector
{
    private static readonly LabelSet Created = DocFamilies.TypeLabels.WithValues("created");
    private static readonly LabelSet Removed = DocFamilies.TypeLabels.WithValues("removed");
    private static readonly LabelSet Used = DocFamilies.TypeLabels.WithValues("used");

    public string Name => "runner";

    public IReadOnlyList<MetricFamily> Families => DocFamilies.All;

    public void Collect(MetricWriter writer)
    {
        RunnerSnapshot now = snapshot();
        foreach (MachineFigures machines in now.Machines)
        {
            MetricFamily actions = machines.IsSsh ? DocFamilies.SshMachines : DocFamilies.Machines;
            writer.Write(actions, Created, machines.Created);
            writer.Write(actions, Removed, machines.Removed);
            writer.Write(actions, Used, machines.Used);
            MachineStates.Write(writer, machines.IsSsh ? DocFamilies.SshMachineStates : DocFamilies.MachineStates, DocFamilies.StateLabels, machines, withStuck: false);
        }
        // The document does not tell runners apart.
        foreach (var group in now.Builds.GroupBy(build => (build.Stage, build.State)).OrderBy(group => group.Key))
            writer.Write(DocFamilies.Builds, DocFamilies.BuildLabels.WithValues(group.Key.Stage, group.Key.State), group.Sum(build => build.Count));
    }
}

/// <summary>The states of docker machines, each with its zero.</summary>
internal static class MachineStates
{
    /// <summary>Writes them.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="family">The family.</param>
    /// <param name="labels">Its schema, with the state last.</param>
    /// <param name="machines">The figures.</param>
    /// <param name="withStuck">Whether the profile has the state <c>stuck-on-removing</c>.</param>
    /// <param name="before">Values of the labels before the state.</param>
    public static void Write(MetricWriter writer, MetricFamily family, LabelSchema labels, MachineFigures machines, bool withStuck, params string[] before)
    {
        // Between idle and used the runner holds a machine for a moment: from outside it looks idle.
        Write("acquired", 0);
        Write("creating", machines.Creating);
        Write("idle", machines.Idle);
        Write("removing", machines.Removing);
        if (withStuck) Write("stuck-on-removing", 0);
        Write("used", machines.InUse);

        void Write(string state, long count) => writer.Write(family, labels.WithValues([.. before, state]), count);
    }
}
