using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>Objects can be told apart and belong together whatever the release is called and whatever labels are given.</summary>
public sealed class NameTests
{
    [TestCase(5)]
    [TestCase(22)]
    [TestCase(26)]
    [TestCase(34)]
    [TestCase(53)]
    public async Task A_long_release_name_leaves_every_object_a_name_of_its_own(int length)
    {
        IReadOnlyList<ClusterObject> objects = await RenderAsync(new string('r', length), "ci");
        Assert.That(objects.Select(each => each.ToString()), Is.Unique);
        Assert.That(objects.Where(each => each.Name.Length > (each.IsWorkload ? 52 : 63)), Is.Empty);
        foreach (ClusterObject each in objects.Where(each => each.IsWorkload)) Assert.That(each.Name, Does.StartWith("rrrrr").And.EndsWith($"-{each.Component}"));
    }

    /// <summary>YAML takes such names for something else than texts where they stand without quotes.</summary>
    [TestCase("true", "1234")]
    [TestCase("12", "null")]
    [TestCase("1e3", "on")]
    public async Task A_name_that_looks_like_a_number_or_a_truth_value_stays_a_text(string release, string @namespace)
    {
        foreach (ClusterObject each in await RenderAsync(release, @namespace))
        {
            Assert.That(each.Body["metadata"]!["namespace"]?.GetValueKind(), Is.EqualTo(JsonValueKind.String), each.ToString());
            Assert.That(each.Body["metadata"]!["labels"]!.AsObject().Select(label => label.Value!.GetValueKind()), Is.All.EqualTo(JsonValueKind.String), each.ToString());
            Assert.That(each.Labels["app.kubernetes.io/instance"], Is.EqualTo(release));
        }
    }

    /// <summary>The renderer refuses a key that stands twice, as kustomize does.</summary>
    [Test]
    public async Task Labels_of_the_values_go_over_the_chart_s_own_but_not_over_what_is_selected_by()
    {
        IReadOnlyList<ClusterObject> objects = await RenderAsync("ci", "ci", """
            commonLabels: { app.kubernetes.io/part-of: platform, release: all, app.kubernetes.io/component: mine }
            defaults:
              podLabels: { release: pods, app.kubernetes.io/instance: mine }
              podAnnotations: { kubectl.kubernetes.io/default-container: mine }
              serviceMonitor: { labels: { release: operator } }
              podMonitor: { labels: { release: operator } }
            prometheusRule: { additionalLabels: { release: operator } }
            """);
        Assert.That(objects.Select(each => each.Labels["app.kubernetes.io/part-of"]), Is.All.EqualTo("platform"));
        foreach (ClusterObject each in objects)
            Assert.That(each.Labels["release"], Is.EqualTo(each.Kind is "ServiceMonitor" or "PodMonitor" or "PrometheusRule" ? "operator" : "all"), each.ToString());
        foreach (ClusterObject each in objects.Where(each => each.IsWorkload))
        {
            Assert.That(each.PodLabels["release"], Is.EqualTo("pods"));
            Assert.That(ClusterObject.Strings(each.Pod["metadata"]!["annotations"])["kubectl.kubernetes.io/default-container"], Is.EqualTo("mine"));
            Assert.That(ClusterObject.Selects(each.Spec["selector"]!["matchLabels"], each.PodLabels), each.ToString());
            Assert.That(each.Name, Does.EndWith($"-{each.Component}"));
        }
    }

    private static async Task<IReadOnlyList<ClusterObject>> RenderAsync(string release, string @namespace, string values = "{}")
    {
        using TempFolder folder = new();
        return await Renderer.RenderAsync("all-values.yaml", release, @namespace, folder.Write("values.yaml", values));
    }
}
