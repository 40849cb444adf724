using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>What the linter asks of expressions; each gives what is wrong. Prometheus itself says whether they parse.</summary>
internal static partial class ExpressionRules
{
    // By the tables of metrics, which tests compare with the code; what all services have about themselves is in none.
    private static readonly HashSet<string> Counters =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("docs", "metrics"), "*.md").SelectMany(File.ReadLines)
            .Select(line => TableRow().Match(line)).Where(match => match.Success)
            .SelectMany(match => match.Groups["type"].Value == "counter" ? [match.Groups["name"].Value] : (string[])[match.Groups["name"].Value + "_bucket", match.Groups["name"].Value + "_sum", match.Groups["name"].Value + "_count"]),
        "ci_template:jobs_total", "ci_template:duration_bucket", "ci_template:duration_sum", "ci_template:duration_count",
        "exporter_scrape_failures_total", "exporter_scrape_duration_seconds_bucket", "process_cpu_seconds_total", "exporter_process_cpu_seconds_total",
    ];

    /// <summary>Selectors that do not look at the chosen jobs and instances.</summary>
    public static IEnumerable<string> NotOfTheChosen(string expression)
    {
        MatchCollection selectors = Selector().Matches(expression);
        if (selectors.Count == 0) yield return "asks for nothing";
        foreach (Match selector in selectors)
        {
            if (!selector.Value.Contains("job=~\"$job\"", StringComparison.Ordinal) || !selector.Value.Contains("instance=~\"$instance\"", StringComparison.Ordinal))
                yield return $"{selector.Value}: not of the chosen job and instance";
        }

        foreach (Match metric in BareMetric().Matches(Selector().Replace(expression, ""))) yield return $"{metric.Value}: without a selector";
    }

    /// <summary>Rates over another time than the one that fits.</summary>
    /// <param name="expression">PromQL with Grafana's variables.</param>
    /// <param name="isTotal">Whether increases are totals of the time shown.</param>
    public static IEnumerable<string> WrongWindow(string expression, bool isTotal) =>
        from call in RateCall().Matches(expression)
        let expected = isTotal && call.Groups["function"].Value == "increase" ? "$__range" : "$__rate_interval"
        where call.Groups["window"].Value != expected
        select $"window {call.Groups["window"].Value} and not {expected}";

    /// <summary>Counters that are not shown as what they grew by, and rates of what is no counter.</summary>
    public static IEnumerable<string> NotAsCounter(string expression)
    {
        foreach (Match selector in Selector().Matches(expression))
        {
            bool isCounter = Counters.Contains(selector.Groups["name"].Value);
            bool isInRate = RateOpens().IsMatch(expression[..selector.Index]);
            if (isCounter && !isInRate) yield return $"{selector.Groups["name"].Value}: counter without a rate";
            if (!isCounter && isInRate) yield return $"{selector.Groups["name"].Value}: rate of what is no counter";
        }
    }

    [GeneratedRegex("""(?<name>[a-z_][a-z0-9_:]*)\{(?:[^{}"]|"[^"]*")*\}""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Selector();

    // What is left of an expression without its selectors has functions, labels and numbers, but no name of ours.
    [GeneratedRegex(@"\b(?:bitbucket_agent|spacelift|runner|github_runner|receiver|ci|exporter|process|gitlab_runner)_(?!uuid|name|type)[a-z_]+\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BareMetric();

    [GeneratedRegex("""\b(?<function>rate|increase|irate)\([a-z_][a-z0-9_:]*\{(?:[^{}"]|"[^"]*")*\}\[(?<window>[^\]]*)\]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RateCall();

    [GeneratedRegex(@"\b(rate|increase|irate)\($", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RateOpens();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<type>counter|histogram) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();
}
