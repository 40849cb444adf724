using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>What a label added by the user may be called.</summary>
internal static class LabelName
{
    /// <summary>The rule that the name breaks, or null: the data model's rules, and the names already in use.</summary>
    /// <param name="name">The label's name.</param>
    /// <param name="taken">The label names of the service's own metrics.</param>
    public static string? BrokenRule(string name, IReadOnlyList<string> taken) =>
        Names.LabelNameProblem(name) is not null
            ? "label names must match [a-zA-Z_][a-zA-Z0-9_]*, not begin with __ and not be le or quantile"
        : taken.Contains(name, StringComparer.Ordinal)
            ? "label names that this program's own metrics carry cannot be added: " + string.Join(", ", taken)
        : null;
}
