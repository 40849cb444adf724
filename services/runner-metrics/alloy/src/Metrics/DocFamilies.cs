using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>The metrics of the users' document, word for word.</summary>
internal static class DocFamilies
{
    public static readonly LabelSchema TypeLabels = new("type");
    public static readonly LabelSchema StateLabels = new("state");
    public static readonly LabelSchema BuildLabels = new("stage", "state");

    public static readonly MetricFamily Machines = new("ci_docker_machines", "The total number of machines created.", MetricType.Counter, TypeLabels);

    public static readonly MetricFamily MachineStates = new("ci_docker_machines_provider", "The current number of machines in given state.", MetricType.Gauge, StateLabels);

    public static readonly MetricFamily Builds = new("ci_runner_builds", "The current number of running builds.", MetricType.Gauge, BuildLabels);

    public static readonly MetricFamily SshMachines = new("ci_ssh_docker_machines", "The total number of machines created.", MetricType.Counter, TypeLabels);

    public static readonly MetricFamily SshMachineStates = new("ci_ssh_docker_machines_provider", "The current number of machines in given state.", MetricType.Gauge, StateLabels);

    public static readonly IReadOnlyList<MetricFamily> All = [Machines, MachineStates, Builds, SshMachines, SshMachineStates];
}
