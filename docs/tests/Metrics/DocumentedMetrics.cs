using System.Text.RegularExpressions;
using CiMetrics.Docs.Tests.Documents;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Metrics;

/// <summary>A row of a table in <c>docs/metrics</c>.</summary>
/// <param name="Name">The metric; <c>NAME</c> in it stands for any name of a job.</param>
/// <param name="Type">As in the text format.</param>
/// <param name="Labels">Its own labels, sorted.</param>
/// <param name="Condition">When it is there, where the document lists it under "Not always there"; null: always.</param>
internal sealed record DocumentedMetric(string Name, string Type, IReadOnlyList<string> Labels, string? Condition)
{
    /// <summary>Whether a family of this name is the documented one.</summary>
    public bool IsNamed(string family) =>
        Name.Contains("NAME", StringComparison.Ordinal)
            ? Regex.IsMatch(family, $"^{Name.Replace("NAME", "[a-z0-9_]+", StringComparison.Ordinal)}$", RegexOptions.None, TimeSpan.FromSeconds(1))
            : family == Name;
}

/// <summary>Reads <c>docs/metrics</c>.</summary>
internal static partial class DocumentedMetrics
{
    private const string ConditionalHeading = "## Not always there\n";

    /// <summary>A service's metrics, without those that every service has.</summary>
    public static IReadOnlyList<DocumentedMetric> OfService(ServiceManifest manifest) =>
        Of(File.Exists(Repository.PathOf("docs", "metrics", $"{manifest.Command}.md")) ? manifest.Command : Path.GetFileName(manifest.Folder));

    /// <summary>The metrics of a document.</summary>
    public static IReadOnlyList<DocumentedMetric> Of(string document)
    {
        string text = Markdown.Read($"docs/metrics/{document}.md");
        int heading = text.IndexOf(ConditionalHeading, StringComparison.Ordinal);
        (string[] Patterns, string When)[] conditions =
        [
            .. heading < 0 ? [] : Items(text[(heading + ConditionalHeading.Length)..].Split("\n## ")[0]).Select(item =>
                (Name().Matches(item.Split(": ", 2)[0]).Select(name => name.Groups["name"].Value).ToArray(), item.Split(": ", 2)[1])),
        ];

        DocumentedMetric[] metrics =
        [
            .. text.Split('\n')
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray())
                .Where(cells => cells[1] is "counter" or "gauge" or "histogram" or "info")
                .Select(cells => new DocumentedMetric(
                    cells[0],
                    cells[1] == "info" ? "gauge" : cells[1],
                    cells[3] == "-" ? [] : [.. cells[3].Split(", ").Order(StringComparer.Ordinal)],
                    conditions.Where(condition => condition.Patterns.Any(pattern => Fits(cells[0], pattern))).Select(condition => condition.When).FirstOrDefault())),
        ];
        string[] idle = [.. conditions.SelectMany(condition => condition.Patterns).Where(pattern => !metrics.Any(metric => Fits(metric.Name, pattern)))];
        if (idle.Length > 0) throw new AssertionException($"docs/metrics/{document}.md: not in the table: {string.Join(", ", idle)}");
        return metrics;
    }

    // The items of a list, each on one line.
    private static IEnumerable<string> Items(string list) =>
        list.Replace("\n  ", " ", StringComparison.Ordinal).Split('\n').Where(line => line.StartsWith("- `", StringComparison.Ordinal));

    // A star at the end stands for all that begin so.
    private static bool Fits(string name, string pattern) =>
        pattern[^1] == '*' ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;

    [GeneratedRegex("`(?<name>[a-zA-Z_]+\\*?)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
