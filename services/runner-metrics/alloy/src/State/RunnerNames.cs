namespace CiMetrics.AlloyRunner.State;

/// <summary>Bounds the values of the label <c>runner</c>, which come from outside.</summary>
internal sealed class RunnerNames(IEnumerable<string> known)
{
    /// <summary>Runners that have series of their own.</summary>
    public const int Most = 100;

    /// <summary>What the others are counted under.</summary>
    public const string Other = "other";

    private readonly HashSet<string> _known = new(known, StringComparer.Ordinal);

    /// <summary>The label of a runner, and whether it was folded.</summary>
    public (string Label, bool IsFolded) Of(string runner)
    {
        if (_known.Contains(runner)) return (runner, false);
        if (_known.Count >= Most) return (Other, true);
        _known.Add(runner);
        return (runner, false);
    }
}
