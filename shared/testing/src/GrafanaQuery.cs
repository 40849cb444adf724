using System.Text.RegularExpressions;

namespace CiMetrics.Testing;

/// <summary>A dashboard's expressions as Grafana would ask them, for an hour that is shown.</summary>
public static partial class GrafanaQuery
{
    /// <summary>Fills in the variables: Grafana's own, those given, and <c>.+</c> for all others, which stands for everything chosen.</summary>
    public static string Filled(string expression, params (string Name, string Value)[] chosen) => Variable().Replace(expression, match => match.Groups["name"].Value switch
    {
        "__rate_interval" => "5m",
        "__range" => "1h",
        "__range_s" => "3600",
        string name => chosen.Where(each => each.Name == name).Select(each => each.Value).SingleOrDefault(".+"),
    });

    /// <summary>Whether a value can be <c>increase()</c> of a counter that grew by <paramref name="count"/>: it goes on to the window's edges, so it is a little more.</summary>
    public static bool IsIncreaseBy(double count, double value) => value >= count * 0.99 && value <= count * 1.4;

    [GeneratedRegex(@"\$(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
