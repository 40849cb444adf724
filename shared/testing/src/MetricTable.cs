namespace CiMetrics.Testing;

/// <summary>A metric as the code declares it.</summary>
/// <param name="Name">The name in the text format.</param>
/// <param name="Type"><c>counter gauge histogram info</c>.</param>
/// <param name="Labels">Its own label names.</param>
public sealed record DeclaredMetric(string Name, string Type, IReadOnlyList<string> Labels);

/// <summary>
/// Compares the table of a service's metrics, <c>docs/metrics/SERVICE.md</c>, with the code: columns metric, type, unit,
/// labels (<c>-</c> for none), meaning, source.
/// </summary>
public static class MetricTable
{
    private const int Columns = 6;

    /// <summary>Fails the test naming every difference.</summary>
    public static void Check(string service, IEnumerable<DeclaredMetric> code)
    {
        string path = Repository.PathOf("docs", "metrics", $"{service}.md");
        Assert.That(Differences(File.ReadAllText(path), code), Is.Empty, path);
    }

    /// <summary>One line for each metric that only one side has, or has otherwise, and for each row that is not whole.</summary>
    public static IReadOnlyList<string> Differences(string markdown, IEnumerable<DeclaredMetric> code)
    {
        List<string> differences = [];
        Dictionary<string, string> documented = new(StringComparer.Ordinal);
        foreach (string line in markdown.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            string[] cells = [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
            string name = cells[0].Trim('`');
            if (cells.Length != Columns || cells.Contains("", StringComparer.Ordinal)) differences.Add($"{name}: needs {Columns} cells with text");
            else if (!documented.TryAdd(name, $"{cells[1]} {cells[3].Replace("`", "", StringComparison.Ordinal)}")) differences.Add($"{name}: documented twice");
        }

        foreach (DeclaredMetric metric in code)
        {
            string declared = $"{metric.Type} {(metric.Labels.Count == 0 ? "-" : string.Join(", ", metric.Labels))}";
            if (!documented.Remove(metric.Name, out string? text)) differences.Add($"{metric.Name}: not documented");
            else if (!string.Equals(text, declared, StringComparison.Ordinal)) differences.Add($"{metric.Name}: is '{declared}', documented as '{text}'");
        }

        differences.AddRange(documented.Keys.Select(name => $"{name}: not in the code"));
        return differences;
    }
}
