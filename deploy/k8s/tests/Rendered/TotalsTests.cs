using System.Text;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>The totals of replicas are scraped once: a real Prometheus applies the rendered relabelings to three pods.</summary>
public sealed class TotalsTests
{
    private static readonly string[] Pods = ["receiver-a", "receiver-b", "receiver-c"];

    [Test]
    public async Task Prometheus_scrapes_the_totals_once_through_the_service_and_each_replica_by_itself()
    {
        ClusterObject monitor = (await Renderer.RenderAsync("receiver-postgres-values.yaml")).Single(each => each.Kind == "ServiceMonitor");
        JsonObject[] endpoints = [.. ClusterObject.List(monitor.Spec["endpoints"])];
        await using PrometheusServer prometheus = await PrometheusServer.StartWithAsync(Configuration(endpoints));

        JsonObject[] targets = await Eventually.GetAsync(
            async () => await ActiveTargetsAsync(prometheus) is { Length: >= 4 } found ? found : null, "four targets");
        JsonObject[] totals = [.. targets.Where(target => Url(target).AbsolutePath == "/totals")];
        JsonObject[] replicas = [.. targets.Where(target => Url(target).AbsolutePath == "/metrics")];
        Assert.Multiple(() =>
        {
            Assert.That(totals, Has.Length.EqualTo(1));
            Assert.That(Url(totals[0]).Authority, Is.EqualTo("ci-runner-metrics-receiver.ci-runner-metrics.svc"));
            Assert.That(ClusterObject.Strings(totals[0]["labels"]), Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["job"] = "ci-jobs",
                ["instance"] = "ci-runner-metrics-receiver.ci-runner-metrics.svc:80",
                ["namespace"] = "ci-runner-metrics",
                ["service"] = "ci-runner-metrics-receiver",
            }));
            Assert.That(replicas.Select(target => (string)target["labels"]!["pod"]!), Is.EquivalentTo(Pods));
            Assert.That(replicas.Select(target => (string)target["labels"]!["job"]!), Is.All.EqualTo("ci-receiver"));
        });
    }

    [TestCase("all-values.yaml")]
    [TestCase("extras-values.yaml")]
    public async Task Whatever_has_one_truth_for_all_pods_is_scraped_through_its_service(string values)
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync(values);
        foreach (ClusterObject monitor in objects.Where(each => each.Kind == "ServiceMonitor"))
        {
            string address = ClusterObject.List(ClusterObject.List(monitor.Spec["endpoints"]).Single()["relabelings"])
                .Where(each => (string?)each["targetLabel"] == "__address__").Select(each => (string)each["replacement"]!).Single();
            ClusterObject service = objects.Single(each => each.Kind == "Service" && address.StartsWith($"{each.Name}.ci-runner-metrics.svc:", StringComparison.Ordinal));
            Assert.That(ClusterObject.List(service.Spec["ports"]).Select(port => (int)port["port"]!), Does.Contain(int.Parse(address.Split(':')[1])));
        }
    }

    /// <summary>As the operator writes it: its own labels first, then the monitor's relabelings.</summary>
    private static string Configuration(JsonObject[] endpoints)
    {
        StringBuilder text = new("global: { scrape_interval: 1h }\nscrape_configs:\n");
        foreach (JsonObject endpoint in endpoints)
        {
            text.AppendLine($"- job_name: serviceMonitor{text.Length}\n  metrics_path: {endpoint["path"]}\n  static_configs:");
            foreach ((string pod, int index) in Pods.Select((pod, index) => (pod, index)))
            {
                text.AppendLine($"  - targets: ['127.0.0.{index + 1}:1']");
                text.AppendLine($"    labels: {{ pod: {pod}, container: receiver, endpoint: http, node: node-{index}, namespace: ci-runner-metrics, service: ci-runner-metrics-receiver }}");
            }

            text.AppendLine("  relabel_configs:");
            foreach (JsonObject relabeling in ClusterObject.List(endpoint["relabelings"]))
            {
                JsonObject own = [];
                foreach ((string name, JsonNode? value) in relabeling) own[name.Replace("Label", "_label", StringComparison.Ordinal)] = value!.DeepClone();
                text.AppendLine($"  - {own.ToJsonString()}");
            }
        }

        return text.ToString();
    }

    private static async Task<JsonObject[]> ActiveTargetsAsync(PrometheusServer prometheus)
    {
        using HttpClient client = new();
        JsonNode answer = JsonNode.Parse(await client.GetStringAsync(new Uri(prometheus.Url, "/api/v1/targets?state=active")))!;
        return [.. ClusterObject.List(answer["data"]!["activeTargets"])];
    }

    private static Uri Url(JsonObject target) => new((string)target["scrapeUrl"]!);
}
