using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// A chart can only use files of its own folder: dashboards and rules are copies of those in deploy/grafana and
/// deploy/prometheus. UPDATE_GOLDEN=1 copies them anew.
/// </summary>
public sealed partial class CopyTests
{
    [Test]
    public void The_chart_has_the_dashboards_that_are_there() => Check(Dashboards(), "dashboards");

    [Test]
    public void The_chart_has_the_rules_that_are_there()
    {
        Assert.That(Rules(), Is.Not.Empty);
        Check(Rules(), "rules");
    }

    [Test]
    public async Task Each_dashboard_is_a_config_map_and_each_file_of_rules_an_object_of_its_own()
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync("all-values.yaml");
        ClusterObject[] dashboards = [.. objects.Where(each => each.Source == "dashboards.yaml")];
        Assert.That(dashboards.Select(each => each.Labels["grafana_dashboard"]), Is.All.EqualTo("1"));
        Assert.That(
            dashboards.SelectMany(each => ClusterObject.Strings(each.Body["data"])).ToDictionary(pair => pair.Key, pair => pair.Value.Trim(), StringComparer.Ordinal),
            Is.EquivalentTo(Dashboards().ToDictionary(pair => pair.Key, pair => pair.Value.Trim(), StringComparer.Ordinal)));
        // One more for the rules of the values.
        Assert.That(objects.Count(each => each.Kind == "PrometheusRule"), Is.EqualTo(Rules().Count + 1));
        // An object of a cluster has at most 1 MiB, and "kubectl apply" keeps a copy of 256 KiB at most in an annotation.
        Assert.That(dashboards.Select(each => each.Body.ToJsonString().Length), Is.All.LessThan(256 * 1024));
    }

    [Test]
    public async Task Monitors_give_the_job_names_that_the_rules_ask_for()
    {
        string[] jobs = [.. (await Renderer.RenderAsync("all-values.yaml"))
            .SelectMany(each => ClusterObject.List(each.Kind is "ServiceMonitor" or "PodMonitor" ? each.Spec["endpoints"] ?? each.Spec["podMetricsEndpoints"] : null))
            .SelectMany(endpoint => ClusterObject.List(endpoint["relabelings"]))
            .Where(relabeling => (string?)relabeling["targetLabel"] == "job").Select(relabeling => (string)relabeling["replacement"]!)];
        // Sidecars have no monitor here: they are in the pods of others.
        string[] asked = [.. Rules().Values.SelectMany(text => JobMatcher().Matches(text)).Select(match => match.Groups["job"].Value).Where(job => !job.Contains("ci-sidecar", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
        Assert.That(asked, Is.Not.Empty);
        foreach (string job in asked) Assert.That(jobs.Where(each => Regex.IsMatch(each, $"^({job})$", RegexOptions.None, TimeSpan.FromSeconds(1))), Is.Not.Empty, job);
    }

    [Test]
    public async Task Without_being_asked_for_there_is_nothing_that_needs_more_than_kubernetes()
    {
        string[] kinds = ["ServiceAccount", "Service", "StatefulSet", "Deployment", "DaemonSet", "PersistentVolumeClaim", "Pod"];
        Assert.That((await Renderer.RenderAsync("no-monitoring-values.yaml")).Select(each => each.Kind).Distinct(StringComparer.Ordinal), Is.EquivalentTo(kinds));
    }

    /// <summary>Without those with inputs: they are for import by hand, and Grafana's sidecar does not ask for inputs.</summary>
    private static Dictionary<string, string> Dashboards() => Read(
        [.. Files(Repository.PathOf("deploy", "grafana"), "*.json"), .. Files(Repository.PathOf("deploy", "grafana", "dashboards"), "*.json")],
        text => !text.Contains("\"__inputs\"", StringComparison.Ordinal));

    private static Dictionary<string, string> Rules() => Read(
        [.. Files(Repository.PathOf("deploy", "prometheus"), "*-alerts.yml"), .. Files(Repository.PathOf("deploy", "prometheus"), "*-rules.yml")], _ => true);

    private static void Check(Dictionary<string, string> wanted, string copies) => Assert.That(
        Read(Files(Path.Combine(Renderer.Chart, copies), "*"), _ => true), Is.EquivalentTo(wanted), "a copy in the chart is old: UPDATE_GOLDEN=1 dotnet test deploy/k8s/tests");

    /// <summary>Before anything is rendered: what is rendered depends on them.</summary>
    public static void Update()
    {
        foreach ((string copies, Dictionary<string, string> wanted) in (IEnumerable<(string, Dictionary<string, string>)>)[("dashboards", Dashboards()), ("rules", Rules())])
        {
            string target = Directory.CreateDirectory(Path.Combine(Renderer.Chart, copies)).FullName;
            foreach (string old in Directory.GetFiles(target)) File.Delete(old);
            foreach ((string name, string text) in wanted) File.WriteAllText(Path.Combine(target, name), text);
        }
    }

    private static string[] Files(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];

    private static Dictionary<string, string> Read(string[] files, Func<string, bool> wanted) => files
        .Select(file => (Name: Path.GetFileName(file), Text: File.ReadAllText(file)))
        .Where(file => wanted(file.Text))
        .ToDictionary(file => file.Name, file => file.Text, StringComparer.Ordinal);

    [GeneratedRegex("job=~?\"(?<job>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex JobMatcher();
}

/// <summary>Runs before all tests.</summary>
[SetUpFixture]
public sealed class UpdateCopies
{
    [OneTimeSetUp]
    public void Update()
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") CopyTests.Update();
    }
}
