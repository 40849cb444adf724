using System.Buffers;

namespace CiMetrics.Exposition;

/// <summary>Which names the data model allows (Prometheus data model, "Metric names and labels").</summary>
public static class Names
{
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static readonly SearchValues<char> MetricCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:");

    /// <summary>Whether the name matches <c>[a-zA-Z_:][a-zA-Z0-9_:]*</c>.</summary>
    public static bool IsMetricName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(MetricCharacters);

    /// <summary>What is wrong with a label name, or null. Names of two leading underscores, <c>le</c> and <c>quantile</c> are reserved.</summary>
    public static string? LabelNameProblem(string name) => name switch
    {
        "" => "a label name must not be empty",
        _ when char.IsAsciiDigit(name[0]) || name.AsSpan().ContainsAnyExcept(LabelCharacters) =>
            $"label name '{name}' must match [a-zA-Z_][a-zA-Z0-9_]*",
        _ when name.StartsWith("__", StringComparison.Ordinal) => $"label name '{name}' is reserved (it starts with __)",
        "le" or "quantile" => $"label name '{name}' is reserved (histograms and summaries own it)",
        _ => null,
    };
}
