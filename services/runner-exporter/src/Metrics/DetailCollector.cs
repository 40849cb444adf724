using CiMetrics.Exposition;
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
            Write(writer, DetailFamilies.WorkingSet, build.Labels, build.Usage?.WorkingSetBytes);
            Write(writer, DetailFamilies.Anonymous, build.Labels, build.Usage?.AnonymousBytes);
            Write(writer, DetailFamilies.PidsLimit, build.Labels, build.Usage?.PidsLimit);
            Write(writer, build);
        }

        foreach (BuildView build in now.Finished)
        {
            Write(writer, DetailFamilies.FinishTime, build.Labels, Seconds(build.End!.FinishedAt));
            Write(writer, DetailFamilies.Duration, build.Labels, build.Duration?.TotalSeconds);
            Write(writer, DetailFamilies.ExitCode, build.Labels, build.End.ExitCode);
            Write(writer, build);
        }
    }

    private static void Write(MetricWriter writer, BuildView build)
    {
        LabelSet labels = build.Labels;
        Write(writer, DetailFamilies.StartTime, labels, build.Facts.IsStartKnown ? Seconds(build.Facts.StartedAt) : null);
        writer.Write(DetailFamilies.OomKills, labels, build.OomKills);
        if (build.Totals is not { } totals) return;
        Write(writer, DetailFamilies.CpuSeconds, labels, totals.CpuUsageNanoseconds / 1e9);
        Write(writer, DetailFamilies.NetworkReceived, labels, totals.NetworkReceiveBytes);
        Write(writer, DetailFamilies.NetworkTransmitted, labels, totals.NetworkTransmitBytes);
        Write(writer, DetailFamilies.BlockRead, labels, totals.BlockInputBytes);
        Write(writer, DetailFamilies.BlockWritten, labels, totals.BlockOutputBytes);
        Write(writer, DetailFamilies.CpuPeriods, labels, totals.CpuPeriods);
        Write(writer, DetailFamilies.ThrottledPeriods, labels, totals.ThrottledPeriods);
        Write(writer, DetailFamilies.ThrottledSeconds, labels, totals.ThrottledNanoseconds / 1e9);
        Write(writer, DetailFamilies.MemoryPeak, labels, totals.PeakBytes);
        Write(writer, DetailFamilies.MemoryFailures, labels, totals.MemoryFailures);
    }

    private static double? Seconds(DateTimeOffset? time) => time is { } known ? (known - DateTimeOffset.UnixEpoch).TotalSeconds : null;

    private static void Write(MetricWriter writer, MetricFamily family, LabelSet labels, double? value)
    {
        if (value is { } known) writer.Write(family, labels, known);
    }
}
