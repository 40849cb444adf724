using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Metrics;

/// <summary>Writes what goes beyond the users' document about each observed runner.</summary>
internal sealed class RunnerCollector(Func<FleetSnapshot> snapshot, Func<string, RunnerView> view, string type) : ICollector
{
    private static readonly string[] Results = ["hit", "partial", "miss"];

    public string Name => "runners";

    public IReadOnlyList<MetricFamily> Families => RunnerFamilies.All;

    public void Collect(MetricWriter writer)
    {
        foreach (RunnerSnapshot runner in snapshot().Runners)
        {
            RunnerView seen = view(runner.Name);
            LabelSet labels = SpecFamilies.RunnerLabels.WithValues(runner.Name, type);
            if (seen.HasLooked) writer.Write(RunnerFamilies.ProcessUp, labels, seen.Process is null ? 0L : 1L);
            if (runner.IsListening is { } isListening)
            {
                writer.Write(RunnerFamilies.Listening, labels, isListening ? 1L : 0L);
                writer.Write(RunnerFamilies.Connected, labels, runner.IsConnected ? 1L : 0L);
            }
            writer.Write(RunnerFamilies.Busy, labels, runner.IsBusy ? 1L : 0L);
            if (runner.RunningSince is { } since) writer.Write(RunnerFamilies.JobStart, labels, since.ToUnixTimeMilliseconds() / 1000d);
            writer.Write(RunnerFamilies.Starts, labels, runner.Starts);
            writer.Write(RunnerFamilies.ConnectErrors, labels, runner.ConnectErrors);
            writer.Write(RunnerFamilies.WithoutDuration, labels, runner.WithoutDuration);
            writer.Write(RunnerFamilies.HookEvents, RunnerFamilies.EventLabels.WithValues(runner.Name, type, "started"), runner.HookStarts);
            writer.Write(RunnerFamilies.HookEvents, RunnerFamilies.EventLabels.WithValues(runner.Name, type, "completed"), runner.HookCompletions);
            foreach ((string cache, long[] restores) in runner.Restores)
            {
                for (int i = 0; i < Results.Length; i++)
                    writer.Write(RunnerFamilies.Restores, RunnerFamilies.RestoreLabels.WithValues(runner.Name, type, cache, Results[i]), restores[i]);
            }
            writer.Write(RunnerFamilies.LogUp, labels, seen.IsLogUp ? 1L : 0L);
            writer.Write(RunnerFamilies.LogBytes, labels, seen.Log.Bytes);
            writer.Write(RunnerFamilies.LogLines, labels, seen.Log.Lines);
            writer.Write(RunnerFamilies.LogCut, labels, seen.Log.CutLines);
            writer.Write(RunnerFamilies.LogGaps, labels, seen.Log.Gaps);
        }
    }
}
