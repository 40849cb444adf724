using CiMetrics.Testing;
using YamlDotNet.RepresentationModel;

namespace CiMetrics.PrometheusRules.Tests;

/// <summary>An alert as a rule file has it.</summary>
internal sealed record Alert(string File, string Name, string Expression, string? Severity, IReadOnlyDictionary<string, string> Annotations)
{
    public override string ToString() => Name;
}

/// <summary>What the tests of rules say of an alert at a time.</summary>
internal sealed record Expectation(string File, string Alert, bool Fires);

/// <summary>The files of <c>deploy/prometheus</c>.</summary>
internal static class Rules
{
    public static string Folder { get; } = Repository.PathOf("deploy", "prometheus");

    public static IReadOnlyList<string> AlertFiles { get; } = Named("*-alerts.yml");

    public static IReadOnlyList<string> RuleFiles { get; } = [.. Named("*-rules.yml"), .. AlertFiles];

    public static IReadOnlyList<string> TestFiles { get; } = Named("*.test.yml");

    public static IReadOnlyList<Alert> Alerts { get; } = [.. AlertFiles.SelectMany(AlertsOf)];

    public static IReadOnlyList<Expectation> Expectations { get; } = [.. TestFiles.SelectMany(ExpectationsOf)];

    /// <summary>Every expression, of alerts and of recording rules.</summary>
    public static IEnumerable<string> Expressions => RuleFiles.SelectMany(RulesOf).Select(rule => Text(rule, "expr")!);

    private static IReadOnlyList<string> Named(string pattern) => [.. Directory.EnumerateFiles(Folder, pattern).Order(StringComparer.Ordinal)];

    private static IEnumerable<Alert> AlertsOf(string file) =>
        from rule in RulesOf(file)
        let name = Text(rule, "alert")
        where name is not null
        select new Alert(file, name, Text(rule, "expr")!, Text((YamlMappingNode)rule["labels"], "severity"), ((YamlMappingNode)rule["annotations"]).ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString(), StringComparer.Ordinal));

    private static IEnumerable<YamlMappingNode> RulesOf(string file) => Items(Read(file), "groups").SelectMany(group => Items(group, "rules"));

    private static IEnumerable<Expectation> ExpectationsOf(string file) =>
        Items(Read(file), "tests").SelectMany(test => Items(test, "alert_rule_test")).Select(test => new Expectation(file, Text(test, "alertname")!, Items(test, "exp_alerts").Any()));

    private static YamlMappingNode Read(string file)
    {
        YamlStream stream = [];
        using StreamReader reader = new(file);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static IEnumerable<YamlMappingNode> Items(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out YamlNode? items) ? ((YamlSequenceNode)items).Cast<YamlMappingNode>() : [];

    private static string? Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out YamlNode? value) ? value.ToString() : null;
}
