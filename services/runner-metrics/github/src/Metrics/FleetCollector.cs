using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.Keeping;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>Writes what is not about one observed runner.</summary>
internal sealed class FleetCollector(Func<FleetSnapshot> snapshot, Checkpoint checkpoint, Func<long> hooksRefused, bool hasWebhook, bool hasToken) : ICollector
{
    public string Name => "fleet";

    public IReadOnlyList<MetricFamily> Families => FleetFamilies.All;

    public void Collect(MetricWriter writer)
    {
        FleetSnapshot now = snapshot();
        if (hasWebhook)
        {
            writer.Write(FleetFamilies.DeliveriesForgotten, now.DeliveriesForgotten);
            writer.Write(FleetFamilies.Queued, now.Queued);
            if (now.QueuedSince is { } since) writer.Write(FleetFamilies.QueuedSince, since.ToUnixTimeMilliseconds() / 1000d);
        }
        if (hasToken) writer.Write(FleetFamilies.Questions, now.Questions);
        if (hasWebhook || hasToken)
        {
            writer.Write(FleetFamilies.WaitsUnknown, now.WaitsUnknown);
            writer.Write(FleetFamilies.Disagreements, now.Disagreements);
            writer.Write(FleetFamilies.CountedTwice, now.CountedTwice);
        }
        foreach (DeploymentSeries deployment in now.Deployments) Write(writer, deployment);
        foreach (WorkloadSeries workload in now.Workloads)
        {
            foreach (JobResult result in JobResults.All)
                writer.Write(FleetFamilies.Workloads, FleetFamilies.WorkloadLabels.WithValues(workload.Repository, workload.Workflow, JobResults.Label(result)), workload.Jobs[(int)result]);
        }
        writer.Write(FleetFamilies.Folded, now.Folded);
        writer.Write(FleetFamilies.Forgotten, now.Forgotten);
        writer.Write(FleetFamilies.HooksRefused, hooksRefused());
        writer.Write(FleetFamilies.CheckpointFailures, checkpoint.Failures);
        if (checkpoint.SavedAt is { } kept) writer.Write(FleetFamilies.CheckpointTime, kept.ToUnixTimeMilliseconds() / 1000d);
    }

    private static void Write(MetricWriter writer, DeploymentSeries deployment)
    {
        foreach (JobResult result in JobResults.All)
            writer.Write(FleetFamilies.Deployments, FleetFamilies.DeploymentLabels.WithValues(deployment.Repository, deployment.Environment, JobResults.Label(result)), deployment.Results[(int)result]);
        LabelSet labels = FleetFamilies.EnvironmentLabels.WithValues(deployment.Repository, deployment.Environment);
        writer.WriteHistogram(FleetFamilies.LeadSeconds, labels, Durations.DeliveryBounds, deployment.LeadSeconds.Counts, deployment.LeadSeconds.Sum);
        writer.WriteHistogram(FleetFamilies.RecoverySeconds, labels, Durations.DeliveryBounds, deployment.RecoverySeconds.Counts, deployment.RecoverySeconds.Sum);
    }
}
