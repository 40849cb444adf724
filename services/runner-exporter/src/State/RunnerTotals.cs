namespace CiMetrics.RunnerExporter.State;

/// <summary>The totals of every runner, in a bounded number: what comes after the limit is counted together.</summary>
internal sealed class RunnerTotals
{
    /// <summary>Runners with totals of their own. A host has a handful; a runner that is registered anew has a new UUID.</summary>
    public const int MaxRunners = 100;

    /// <summary>Stands for all runners beyond the limit; no UUID is written like this.</summary>
    public const string Other = "other";

    private readonly Dictionary<string, RunnerTotal> _runners = new(StringComparer.Ordinal);
    private readonly RunnerTotal _other = new(Other);

    /// <summary>Builds counted for <see cref="Other"/>.</summary>
    public long Folded { get; private set; }

    /// <summary>Where a new build of this runner is to be counted.</summary>
    public RunnerTotal OfNewBuild(string runner)
    {
        if (_runners.TryGetValue(runner, out RunnerTotal? total)) return total;
        if (_runners.Count < MaxRunners) return _runners[runner] = new RunnerTotal(runner);
        Folded++;
        return _other;
    }

    /// <summary>The totals as a scrape shows them, in the order the runners came.</summary>
    public RunnerView[] Views() => [.. _runners.Values.Concat(Folded > 0 ? [_other] : []).Select(total => total.View())];
}
