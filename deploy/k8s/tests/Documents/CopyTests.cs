using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// A chart can only use files of its own folder: dashboards and rules are copies of those in deploy/grafana and
/// deploy/prometheus. UPDATE_GOLDEN=1 copies them anew.
/// </summary>
public sealed class CopyTests
{
    [TestCase("grafana", "*.json", "dashboards")]
    [TestCase("prometheus", "*.yml", "rules")]
    public void The_chart_has_the_files_that_are_there(string folder, string pattern, string copies)
    {
        string target = Path.Combine(Renderer.Chart, copies);
        Dictionary<string, string> wanted = Read(Repository.PathOf("deploy", folder), pattern);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            foreach (string old in Directory.GetFiles(target, pattern)) File.Delete(old);
            foreach ((string name, string text) in wanted) File.WriteAllText(Path.Combine(target, name), text);
        }

        Assert.That(wanted, Is.Not.Empty);
        Assert.That(Read(target, pattern), Is.EquivalentTo(wanted), $"deploy/{folder} has changed: UPDATE_GOLDEN=1 dotnet test deploy/k8s/tests copies it into the chart");
    }

    [Test]
    public async Task Each_dashboard_is_a_config_map_and_each_file_of_rules_an_object_of_its_own()
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync("all-values.yaml");
        ClusterObject[] dashboards = [.. objects.Where(each => each.Source == "dashboards.yaml")];
        Assert.That(dashboards.Select(each => each.Labels["grafana_dashboard"]), Is.All.EqualTo("1"));
        Assert.That(
            dashboards.SelectMany(each => ClusterObject.Strings(each.Body["data"])).ToDictionary(pair => pair.Key, pair => pair.Value.Trim(), StringComparer.Ordinal),
            Is.EquivalentTo(Read(Repository.PathOf("deploy", "grafana"), "*.json").ToDictionary(pair => pair.Key, pair => pair.Value.Trim(), StringComparer.Ordinal)));
        // One more for the rules of the values.
        Assert.That(objects.Count(each => each.Kind == "PrometheusRule"), Is.EqualTo(Read(Repository.PathOf("deploy", "prometheus"), "*.yml").Count + 1));
        // An object of a cluster has at most 1 MiB.
        Assert.That(dashboards.Select(each => each.Body.ToJsonString().Length), Is.All.LessThan(1_000_000));
    }

    [Test]
    public async Task Without_being_asked_for_there_is_nothing_that_needs_more_than_kubernetes()
    {
        string[] kinds = ["ServiceAccount", "Service", "StatefulSet", "Deployment", "DaemonSet", "PersistentVolumeClaim", "Pod"];
        Assert.That((await Renderer.RenderAsync("no-monitoring-values.yaml")).Select(each => each.Kind).Distinct(StringComparer.Ordinal), Is.EquivalentTo(kinds));
    }

    private static Dictionary<string, string> Read(string folder, string pattern) => Directory.GetFiles(folder, pattern)
        .Where(file => !file.EndsWith(".test.yml", StringComparison.Ordinal))
        .ToDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal);
}
