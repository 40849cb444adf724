using System.Globalization;
using System.Text.RegularExpressions;

namespace CiMetrics.Testing;

/// <summary>A line of a text exposition.</summary>
public sealed record ScrapedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A text exposition as a test asks about it. It reads what our own services write; promtool judges the format.</summary>
public sealed partial class ScrapedText(string text)
{
    /// <summary>The body as it came.</summary>
    public string Text { get; } = text;

    /// <summary>Every sample, in order.</summary>
    public IReadOnlyList<ScrapedSample> Samples { get; } = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];

    /// <summary>Scrapes a URL.</summary>
    public static async Task<ScrapedText> GetAsync(HttpClient client, Uri url) => new(await client.GetStringAsync(url));

    /// <summary>The samples of a metric with all of these labels.</summary>
    public IEnumerable<ScrapedSample> All(string name, params (string Name, string Value)[] labels) =>
        Samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.TryGetValue(label.Name, out string? value) && value == label.Value));

    /// <summary>The one value of a metric with these labels; null where there is none.</summary>
    public double? Value(string name, params (string Name, string Value)[] labels) => All(name, labels).SingleOrDefault()?.Value;

    private static ScrapedSample Parse(string line)
    {
        Match match = SampleLine().Match(line);
        if (!match.Success) throw new AssertionException($"not a sample: {line}");
        Dictionary<string, string> labels = LabelPair().Matches(match.Groups["labels"].Value)
            .ToDictionary(pair => pair.Groups["name"].Value, pair => Unescape(pair.Groups["value"].Value), StringComparer.Ordinal);
        return new ScrapedSample(match.Groups["name"].Value, labels, Number(match.Groups["value"].Value));
    }

    private static string Unescape(string value) =>
        Escape().Replace(value, match => match.Value[1] == 'n' ? "\n" : match.Value[1..]);

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (?<value>\S+)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)",?""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelPair();

    [GeneratedRegex("""\\.""", RegexOptions.None, 1000)]
    private static partial Regex Escape();
}
