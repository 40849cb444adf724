using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The alert rules, by Prometheus's own checker.</summary>
public sealed partial class AlertTests
{
    private static string Rules { get; } = Repository.PathOf("deploy", "prometheus", "github-runner-alerts.yml");

    private static string Tests { get; } = Repository.PathOf("deploy", "prometheus", "github-runner-alerts.test.yml");

    [Test]
    public async Task They_fire_when_they_should_and_not_else()
    {
        string promtool = Requires.Program("promtool", "prometheus");
        (int exitCode, string output) = await ServiceProcess.RunAsync(promtool, ["check", "rules", Rules]);
        Assert.That((exitCode, output.Contains("7 rules found", StringComparison.Ordinal)), Is.EqualTo((0, true)), output);
        (exitCode, output) = await ServiceProcess.RunAsync(promtool, ["test", "rules", Tests]);
        Assert.That(exitCode, Is.Zero, output);
    }

    [Test]
    public async Task The_tests_of_the_rules_can_fail()
    {
        using TempFolder folder = new();
        folder.Write(Path.GetFileName(Rules), File.ReadAllText(Rules).Replace("github_runner_status == 0", "github_runner_status == 1", StringComparison.Ordinal));
        (int exitCode, string output) = await ServiceProcess.RunAsync(Requires.Program("promtool", "prometheus"), ["test", "rules", folder.Write(Path.GetFileName(Tests), File.ReadAllText(Tests))]);
        Assert.That(exitCode, Is.Not.Zero, output);
    }

    [Test]
    public void Every_metric_of_rules_and_dashboard_is_one_of_the_documented_ones()
    {
        string documented = File.ReadAllText(Repository.PathOf("docs", "metrics", "github-runner-metrics.md"));
        string texts = File.ReadAllText(Rules) + File.ReadAllText(Repository.PathOf("deploy", "grafana", "github-runner-dashboard.json"));
        string[] names = [.. Metric().Matches(texts).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal)];
        Assert.That(names.Where(name => !documented.Contains($"`{name}`", StringComparison.Ordinal)), Is.Empty);
        Assert.That(names, Has.Length.GreaterThan(5));
    }

    // A histogram is documented without its suffixes.
    [GeneratedRegex("(?<name>github_runner_[a-z_]+?)(?:(?<=seconds)_(?:bucket|sum|count))?\\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Metric();
}
