using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Turns the latest snapshot into metrics. A figure that is not known is left out; it is never zero for want of knowing.</summary>
internal sealed class BuildCollector(Func<BuildSnapshot> snapshot) : ICollector
{
    private static readonly LabelSet Idle = BuildFamilies.Labels.WithValues("", "");

    public string Name => "builds";

    public IReadOnlyList<MetricFamily> Families => BuildFamilies.All;

    public void Collect(MetricWriter writer)
    {
        BuildSnapshot now = snapshot();
        writer.Write(BuildFamilies.EngineUp, now.EngineUp ? 1 : 0);
        writer.Write(BuildFamilies.Started, now.BuildsStarted);
        writer.Write(BuildFamilies.Dropped, now.BuildsDropped);

        // Idle is something that only an engine that answers can tell.
        if (now.EngineUp && now.Builds.Count == 0) writer.Write(BuildFamilies.Status, Idle, 0);
        foreach (BuildView build in now.Builds) Write(writer, build);
        foreach (BuildView build in now.Finished) WriteFinished(writer, build);
    }

    private static void Write(MetricWriter writer, BuildView build)
    {
        LabelSet labels = build.Labels;
        writer.Write(BuildFamilies.Status, labels, 1);
        writer.WriteKnown(BuildFamilies.CpuLimit, labels, build.Facts.CpuLimitCores);
        writer.WriteKnown(BuildFamilies.CpuUsage, labels, build.CpuCores);
        writer.WriteKnown(BuildFamilies.MemoryLimit, labels, build.Facts.MemoryLimitBytes);
        writer.WriteKnown(BuildFamilies.MemoryUsage, labels, build.Usage?.MemoryUsageBytes);
        WriteTransfers(writer, labels, build.Usage);
        writer.WriteKnown(BuildFamilies.Pids, labels, build.Usage?.Pids);
    }

    /// <summary>What is in use is gone with the build, so that sums over all builds are those of the running ones; what was transferred stays.</summary>
    private static void WriteFinished(MetricWriter writer, BuildView build)
    {
        writer.Write(BuildFamilies.Status, build.Labels, 0);
        WriteTransfers(writer, build.Labels, build.Totals);
    }

    private static void WriteTransfers(MetricWriter writer, LabelSet labels, ContainerSample? sample)
    {
        writer.WriteKnown(BuildFamilies.NetworkReceive, labels, sample?.NetworkReceiveBytes);
        writer.WriteKnown(BuildFamilies.NetworkTransmit, labels, sample?.NetworkTransmitBytes);
        writer.WriteKnown(BuildFamilies.BlockInput, labels, sample?.BlockInputBytes);
        writer.WriteKnown(BuildFamilies.BlockOutput, labels, sample?.BlockOutputBytes);
    }
}
