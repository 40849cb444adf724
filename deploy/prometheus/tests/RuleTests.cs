using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.PrometheusRules.Tests;

/// <summary>The rules by Prometheus's own checker, and the conventions that it does not know.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class RuleTests
{
    private const string Runbooks = "docs/operations.md";

    private static string Promtool => Requires.Program("promtool", "prometheus");

    [Test]
    public async Task The_rules_and_the_example_configuration_are_valid()
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(Promtool, ["check", "rules", .. Rules.RuleFiles]);
        Assert.That(exitCode, Is.Zero, output);
        (exitCode, output) = await ServiceProcess.RunAsync(Promtool, ["check", "config", Path.Combine(Rules.Folder, "prometheus.yml")]);
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain($"{Rules.RuleFiles.Count} rule files found"), "the example loads every rule file");
    }

    [Test]
    public void The_example_scrapes_every_service_at_its_own_port()
    {
        string example = File.ReadAllText(Path.Combine(Rules.Folder, "prometheus.yml"));
        string[] manifests = [.. Directory.EnumerateFiles(Repository.PathOf("services"), "service.json", SearchOption.AllDirectories).Where(path => !path.Contains("/bin/", StringComparison.Ordinal))];
        string[] ports = [.. manifests.Select(path => Port().Match(File.ReadAllText(path))).Where(match => match.Success).Select(match => match.Groups["port"].Value)];
        Assert.That(ports, Has.Length.GreaterThanOrEqualTo(5));
        foreach (string port in ports) Assert.That(example, Does.Contain($"[\"localhost:{port}\"]"));
    }

    [TestCaseSource(typeof(Rules), nameof(Rules.TestFiles))]
    public async Task Alerts_fire_when_they_should_and_not_else(string file)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(Promtool, ["test", "rules", file]);
        Assert.That(exitCode, Is.Zero, output);
    }

    [TestCaseSource(typeof(Rules), nameof(Rules.Alerts))]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not(object alert)
    {
        Alert tested = (Alert)alert;
        string tests = tested.File.Replace(".yml", ".test.yml", StringComparison.Ordinal);
        IEnumerable<bool> outcomes = Rules.Expectations.Where(each => each.File == tests && each.Alert == tested.Name).Select(each => each.Fires);
        Assert.That(outcomes.Distinct(), Is.EquivalentTo(new[] { true, false }), $"{tests}: {tested.Name}");
    }

    // A test of rules that passes whatever the rule says would be none.
    [Test]
    public async Task A_rule_that_always_or_never_fires_fails_its_test([ValueSource(typeof(Rules), nameof(Rules.AlertFiles))] string file, [Values("vector(1)", "vector(1) > 1")] string expression)
    {
        using TempFolder folder = new();
        foreach (string rules in Rules.RuleFiles.Where(each => each != file)) File.Copy(rules, folder.PathOf(Path.GetFileName(rules)));
        folder.Write(Path.GetFileName(file), Expression().Replace(File.ReadAllText(file), $"        expr: {expression}\n"));
        string test = Path.GetFileName(file).Replace(".yml", ".test.yml", StringComparison.Ordinal);
        (int exitCode, string output) = await ServiceProcess.RunAsync(Promtool, ["test", "rules", folder.Write(test, File.ReadAllText(Path.Combine(Rules.Folder, test)))]);
        Assert.That(exitCode, Is.Not.Zero, output);
        Assert.That(Rules.Alerts.Where(alert => alert.File == file && !output.Contains($"alertname: {alert.Name}, ", StringComparison.Ordinal)), Is.Empty, output);
    }

    [TestCaseSource(typeof(Rules), nameof(Rules.Alerts))]
    public void Alerts_follow_the_conventions_of_mixins(object alert)
    {
        Alert tested = (Alert)alert;
        Assert.That(tested.Name, Does.Match("^(BitbucketRunner|Spacelift|AlloyRunner|GitHubRunner|CiReceiver|CiSidecar|CiTemplate|CiMetrics)[A-Z][A-Za-z]+$"));
        Assert.That(tested.Severity, Is.AnyOf("critical", "warning", "info"));
        Assert.That(tested.Annotations.Keys, Is.EquivalentTo(new[] { "summary", "description", "runbook_url" }));
        Assert.That(tested.Annotations["description"], Does.EndWith("."));
        Assert.That(tested.Annotations["summary"], Does.Not.Contain("{{").And.EndsWith("."), "a static sentence, so that alerts can be grouped by it");
    }

    [TestCaseSource(typeof(Rules), nameof(Rules.Alerts))]
    public void Every_alert_has_a_runbook(object alert)
    {
        Alert tested = (Alert)alert;
        Assert.That(tested.Annotations["runbook_url"], Is.EqualTo($"{Runbooks}#{tested.Name.ToLowerInvariant()}"));
        string section = Section(tested.Name);
        foreach (string part in (string[])["- Meaning: ", "- Look at: ", "- Do: "]) Assert.That(section, Does.Contain("\n" + part), $"{Runbooks}, section {tested.Name}");
    }

    [Test]
    public void Every_runbook_has_an_alert()
    {
        string text = File.ReadAllText(Repository.PathOf("docs", "operations.md"));
        string runbooks = text[text.IndexOf("\n## Runbooks\n", StringComparison.Ordinal)..];
        Assert.That(Headings().Matches(runbooks).Select(match => match.Groups["name"].Value), Is.EquivalentTo(Rules.Alerts.Select(alert => alert.Name)));
    }

    [Test]
    public void Every_metric_in_a_rule_is_documented()
    {
        string documents = string.Join('\n', Directory.EnumerateFiles(Repository.PathOf("docs", "metrics"), "*.md").Select(File.ReadAllText));
        string[] names = [.. Rules.Expressions.SelectMany(expression => Metric().Matches(expression)).Select(match => match.Value).Distinct(StringComparer.Ordinal)];
        Assert.That(names.Where(name => !documents.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
        Assert.That(names, Has.Length.GreaterThan(30));
    }

    private static string Section(string name)
    {
        Match section = new Regex($"^### {name}\n(?<text>.*?)(?=^#|\\z)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Match(File.ReadAllText(Repository.PathOf("docs", "operations.md")));
        Assert.That(section.Success, Is.True, $"{Runbooks} has no section {name}");
        return section.Groups["text"].Value;
    }

    [GeneratedRegex("""^  "port": (?<port>\d+),""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Port();

    // It may have several lines.
    [GeneratedRegex(@"^        expr: (\|\n(          .*\n)+|.*\n)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Expression();

    [GeneratedRegex("^### (?<name>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Headings();

    // Of the services: rules' own names have colons, and what every service has about itself is in no table.
    [GeneratedRegex("""(?<![:"\w])(?:bitbucket_agent|spacelift|runner|github_runner|receiver|ci_sidecar)_[a-z_]+(?=[{\[ )])(?<!_uuid|_name)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Metric();
}
