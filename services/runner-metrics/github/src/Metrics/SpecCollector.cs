using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>Writes the metrics of the users' document. What was not observed is absent.</summary>
internal sealed class SpecCollector(Func<FleetSnapshot> snapshot, Func<string, RunnerView> view, string type, bool hasApi, TimeProvider time) : ICollector
{
    /// <summary>The type of runners that others observe.</summary>
    public const string UnknownType = "unknown";

    private static readonly Durations Nothing = new Durations().Copy(Durations.QueueBounds);

    public string Name => "spec";

    public IReadOnlyList<MetricFamily> Families => SpecFamilies.All;

    public void Collect(MetricWriter writer)
    {
        FleetSnapshot now = snapshot();
        foreach (RunnerSnapshot runner in now.Runners) Write(writer, runner, view(runner.Name));
        HashSet<(string, string)> written = [];
        HashSet<string> ours = now.Runners.Select(runner => runner.Name).ToHashSet(StringComparer.Ordinal);
        foreach (WaitSeries wait in now.Waits)
        {
            Write(writer, wait.Runner, ours.Contains(wait.Runner) ? type : UnknownType, wait.Source, wait.Seconds);
            written.Add((wait.Runner, wait.Source));
        }
        if (!hasApi) return;
        // increase() misses what a series is born with.
        foreach (string runner in ours)
        {
            foreach (string source in (ReadOnlySpan<string>)[Waits.FromQueuedEvent, Waits.FromCreation])
            {
                if (!written.Contains((runner, source))) Write(writer, runner, type, source, Nothing);
            }
        }
    }

    private void Write(MetricWriter writer, RunnerSnapshot runner, RunnerView seen)
    {
        LabelSet labels = SpecFamilies.RunnerLabels.WithValues(runner.Name, type);
        // A log that cannot be read, or has said nothing yet, does not make a runner offline that runs.
        if (seen.HasLooked) writer.Write(SpecFamilies.Status, labels, seen.Process is not null && runner.IsListening != false && runner.IsConnected ? 1L : 0L);
        foreach (JobResult result in JobResults.All)
            writer.Write(SpecFamilies.Jobs, SpecFamilies.JobLabels.WithValues(runner.Name, type, JobResults.Label(result)), runner.Jobs[(int)result]);
        writer.WriteHistogram(SpecFamilies.JobSeconds, labels, Durations.JobBounds, runner.JobSeconds.Counts, runner.JobSeconds.Sum);
        if (seen.Process?.StartTime is { } start) writer.Write(SpecFamilies.Uptime, labels, Math.Max(0, (time.GetUtcNow().ToUnixTimeMilliseconds() / 1000d) - start));
        foreach ((string cache, long[] restores) in runner.Restores)
            writer.Write(SpecFamilies.HitRate, SpecFamilies.CacheLabels.WithValues(runner.Name, type, cache), restores[(int)CacheResult.Hit] / (double)restores.Sum());
        if (runner.Version is { } version) writer.Write(SpecFamilies.Info, SpecFamilies.InfoLabels.WithValues(runner.Name, type, version, type), 1L);
    }

    private static void Write(MetricWriter writer, string runner, string type, string source, Durations seconds) =>
        writer.WriteHistogram(SpecFamilies.QueueSeconds, SpecFamilies.QueueLabels.WithValues(runner, type, source), Durations.QueueBounds, seconds.Counts, seconds.Sum);
}
