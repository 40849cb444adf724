using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Turns the totals of the latest snapshot into metrics.</summary>
internal sealed class RunnerCollector(Func<BuildSnapshot> snapshot) : ICollector
{
    public string Name => "runners";

    public IReadOnlyList<MetricFamily> Families => RunnerFamilies.All;

    public void Collect(MetricWriter writer)
    {
        BuildSnapshot now = snapshot();
        writer.Write(RunnerFamilies.Folded, now.BuildsFolded);
        foreach (RunnerView runner in now.Runners)
        {
            for (int result = 0; result < runner.Builds.Length; result++)
                writer.Write(RunnerFamilies.Finished, runner.ResultLabels[result], runner.Builds[result]);
            writer.WriteHistogram(RunnerFamilies.Duration, runner.Labels, RunnerFamilies.DurationBounds, runner.Durations, runner.DurationSum);
            writer.Write(RunnerFamilies.CpuSeconds, runner.Labels, runner.CpuSeconds);
            writer.Write(RunnerFamilies.OomKills, runner.Labels, runner.OomKills);
        }
    }
}
