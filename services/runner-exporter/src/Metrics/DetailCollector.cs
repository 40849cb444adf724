using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Turns the latest snapshot into the metrics of each build that the users' document does not have.</summary>
internal sealed class DetailCollector(Func<BuildSnapshot> snapshot) : ICollector
{
    public string Name => "build details";

    public IReadOnlyList<MetricFamily> Families => DetailFamilies.All;

    public void Collect(MetricWriter writer)
    {
        BuildSnapshot now = snapshot();
        foreach (BuildView build in now.Builds)
        {
            writer.Write(DetailFamilies.Paused, build.Labels, build.Facts.Paused ? 1 : 0);
            writer.WriteKnown(DetailFamilies.WorkingSet, build.Labels, build.Usage?.WorkingSetBytes);
            writer.WriteKnown(DetailFamilies.Anonymous, build.Labels, build.Usage?.AnonymousBytes);
            writer.WriteKnown(DetailFamilies.PidsLimit, build.Labels, build.Usage?.PidsLimit);
            Write(writer, build);
        }

        foreach (BuildView build in now.Finished)
        {
            writer.WriteKnown(DetailFamilies.FinishTime, build.Labels, Seconds(build.End!.FinishedAt));
            writer.WriteKnown(DetailFamilies.Duration, build.Labels, build.Duration?.TotalSeconds);
            writer.WriteKnown(DetailFamilies.ExitCode, build.Labels, build.End.ExitCode);
            Write(writer, build);
        }
    }

    private static void Write(MetricWriter writer, BuildView build)
    {
        LabelSet labels = build.Labels;
        writer.WriteKnown(DetailFamilies.StartTime, labels, build.Facts.IsStartKnown ? Seconds(build.Facts.StartedAt) : null);
        writer.Write(DetailFamilies.OomKills, labels, build.OomKills);
        if (build.Totals is not { } totals) return;
        writer.WriteKnown(DetailFamilies.CpuSeconds, labels, totals.CpuUsageNanoseconds / 1e9);
        writer.WriteKnown(DetailFamilies.NetworkReceived, labels, totals.NetworkReceiveBytes);
        writer.WriteKnown(DetailFamilies.NetworkTransmitted, labels, totals.NetworkTransmitBytes);
        writer.WriteKnown(DetailFamilies.BlockRead, labels, totals.BlockInputBytes);
        writer.WriteKnown(DetailFamilies.BlockWritten, labels, totals.BlockOutputBytes);
        writer.WriteKnown(DetailFamilies.CpuPeriods, labels, totals.CpuPeriods);
        writer.WriteKnown(DetailFamilies.ThrottledPeriods, labels, totals.ThrottledPeriods);
        writer.WriteKnown(DetailFamilies.ThrottledSeconds, labels, totals.ThrottledNanoseconds / 1e9);
        writer.WriteKnown(DetailFamilies.MemoryPeak, labels, totals.PeakBytes);
        writer.WriteKnown(DetailFamilies.MemoryFailures, labels, totals.MemoryFailures);
        Write(writer, labels, totals.CpuPressure, DetailFamilies.CpuWaiting, DetailFamilies.CpuStalled);
        Write(writer, labels, totals.MemoryPressure, DetailFamilies.MemoryWaiting, DetailFamilies.MemoryStalled);
        Write(writer, labels, totals.BlockPressure, DetailFamilies.IoWaiting, DetailFamilies.IoStalled);
    }

    private static void Write(MetricWriter writer, LabelSet labels, Pressure pressure, MetricFamily waiting, MetricFamily stalled)
    {
        writer.WriteKnown(waiting, labels, pressure.Some / 1e6);
        writer.WriteKnown(stalled, labels, pressure.Full / 1e6);
    }

    private static double? Seconds(DateTimeOffset? time) => time is { } known ? (known - DateTimeOffset.UnixEpoch).TotalSeconds : null;
}
