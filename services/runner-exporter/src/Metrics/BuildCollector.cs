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
    }

    private static void Write(MetricWriter writer, BuildView build)
    {
        LabelSet labels = build.Labels;
        writer.Write(BuildFamilies.Status, labels, 1);
        if (build.Facts.CpuLimitCores is { } cpuLimit) writer.Write(BuildFamilies.CpuLimit, labels, cpuLimit);
        if (build.CpuCores is { } cores) writer.Write(BuildFamilies.CpuUsage, labels, cores);
        Write(writer, BuildFamilies.MemoryLimit, labels, build.Facts.MemoryLimitBytes);
        Write(writer, BuildFamilies.MemoryUsage, labels, build.Usage?.MemoryUsageBytes);
        Write(writer, BuildFamilies.NetworkReceive, labels, build.Usage?.NetworkReceiveBytes);
        Write(writer, BuildFamilies.NetworkTransmit, labels, build.Usage?.NetworkTransmitBytes);
        Write(writer, BuildFamilies.BlockInput, labels, build.Usage?.BlockInputBytes);
        Write(writer, BuildFamilies.BlockOutput, labels, build.Usage?.BlockOutputBytes);
        Write(writer, BuildFamilies.Pids, labels, build.Usage?.Pids);
    }

    private static void Write(MetricWriter writer, MetricFamily family, LabelSet labels, long? value)
    {
        if (value is { } known) writer.Write(family, labels, known);
    }
}
