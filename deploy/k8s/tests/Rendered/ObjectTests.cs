using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>What is rendered is what the API takes, and its parts belong together.</summary>
[TestFixtureSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
public sealed class ObjectTests(string values)
{
    private IReadOnlyList<ClusterObject> _objects = [];

    private IEnumerable<ClusterObject> Workloads => _objects.Where(each => each.IsWorkload);

    [OneTimeSetUp]
    public async Task RenderAsync() => _objects = await Renderer.RenderAsync(values);

    [Test]
    public async Task Every_object_is_valid_and_has_no_unknown_field()
    {
        PublishedSchemas.Need();
        Assert.That(_objects, Is.Not.Empty);
        List<string> mistakes = [];
        foreach (ClusterObject each in _objects) mistakes.AddRange((await ObjectSchemas.MistakesAsync(each.ApiVersion, each.Kind, each.Body)).Select(mistake => $"{each}: {mistake}"));
        Assert.That(mistakes, Is.Empty);
    }

    [Test]
    public void Names_are_unique_and_within_the_limits_of_the_API()
    {
        Assert.That(_objects.Select(each => each.ToString()), Is.Unique);
        Assert.That(_objects.Where(each => each.Name.Length > (each.IsWorkload ? 52 : 63)), Is.Empty);
        Assert.That(_objects.SelectMany(each => each.Labels.Values).Where(label => label.Length > 63), Is.Empty);
    }

    [Test]
    public void A_workload_selects_its_own_pods_and_no_other_ones()
    {
        foreach (ClusterObject workload in Workloads)
        {
            Assert.That(_objects.Where(each => each.HasPod && ClusterObject.Selects(workload.Spec["selector"]!["matchLabels"], each.PodLabels)), Is.EqualTo([workload]));
        }
    }

    [Test]
    public void Selectors_hold_nothing_that_changes_with_a_version()
    {
        string[] fixedLabels = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"];
        foreach (ClusterObject each in _objects)
        {
            foreach (JsonObject selector in Selectors(each.Body)) Assert.That(selector.Select(pair => pair.Key), Is.EquivalentTo(fixedLabels), each.ToString());
        }
    }

    [Test]
    public void A_service_selects_one_workload_whose_container_has_its_ports()
    {
        foreach (ClusterObject service in _objects.Where(each => each.Kind == "Service"))
        {
            ClusterObject workload = Workloads.Single(each => ClusterObject.Selects(service.Spec["selector"], each.PodLabels));
            Assert.That(ClusterObject.List(service.Spec["ports"]).Select(port => (string)port["targetPort"]!), Is.SubsetOf(PortNames(workload)), service.ToString());
        }
    }

    [Test]
    public void The_receiver_is_behind_port_80_and_listens_on_8080()
    {
        foreach (ClusterObject service in _objects.Where(each => each.Kind == "Service" && each.Component == "receiver"))
        {
            Assert.That((int)ClusterObject.List(service.Spec["ports"]).Single()["port"]!, Is.EqualTo(80));
            ClusterObject workload = Workloads.Single(each => each.Component == "receiver");
            Assert.That((int)ClusterObject.List(workload.Containers.Single()["ports"]).Single()["containerPort"]!, Is.EqualTo(8080));
        }
    }

    [Test]
    public void Monitors_select_what_they_are_for_in_its_namespace_and_name_its_ports()
    {
        foreach (ClusterObject monitor in _objects.Where(each => each.Kind is "ServiceMonitor" or "PodMonitor"))
        {
            JsonNode? selector = monitor.Spec["selector"]!["matchLabels"];
            IEnumerable<ClusterObject> selected = monitor.Kind == "ServiceMonitor"
                ? _objects.Where(each => each.Kind == "Service" && ClusterObject.Selects(selector, each.Labels))
                : Workloads.Where(each => ClusterObject.Selects(selector, each.PodLabels));
            ClusterObject target = selected.Single();
            IEnumerable<string> ports = monitor.Kind == "ServiceMonitor" ? ClusterObject.List(target.Spec["ports"]).Select(port => (string)port["name"]!) : PortNames(target);
            IEnumerable<JsonObject> endpoints = ClusterObject.List(monitor.Spec["endpoints"] ?? monitor.Spec["podMetricsEndpoints"]);
            Assert.Multiple(() =>
            {
                Assert.That(endpoints.Select(endpoint => (string)endpoint["port"]!).Distinct(StringComparer.Ordinal), Is.SubsetOf(ports), monitor.ToString());
                Assert.That(ClusterObject.Texts(monitor.Spec["namespaceSelector"]!["matchNames"]), Is.EqualTo([(string)target.Body["metadata"]!["namespace"]!]));
            });
        }
    }

    [Test]
    public void Policies_budgets_and_ingresses_belong_to_what_is_there()
    {
        foreach (ClusterObject each in _objects.Where(each => each.Kind is "NetworkPolicy" or "PodDisruptionBudget"))
        {
            ClusterObject workload = Workloads.Single(one => ClusterObject.Selects((each.Spec["podSelector"] ?? each.Spec["selector"])!["matchLabels"], one.PodLabels));
            IEnumerable<string> ports = ClusterObject.List(each.Spec["ingress"]).SelectMany(rule => ClusterObject.List(rule["ports"])).Select(port => (string)port["port"]!);
            if (each.Kind == "NetworkPolicy") Assert.That(ports, Is.EquivalentTo(PortNames(workload)));
            // A direction that is not named here is not limited, whatever stands below.
            if (each.Kind == "NetworkPolicy")
                Assert.That(ClusterObject.Texts(each.Spec["policyTypes"]), Is.EqualTo(each.Spec["egress"] is null ? (string[])["Ingress"] : ["Ingress", "Egress"]));
        }

        // Ingress controllers refuse what is there already, or choose one of the two.
        Assert.That(
            _objects.Where(each => each.Kind == "Ingress").SelectMany(each => ClusterObject.List(each.Spec["rules"]))
                .SelectMany(rule => ClusterObject.List(rule["http"]!["paths"]).Select(path => $"{rule["host"]}{path["path"]}")), Is.Unique);
        foreach (ClusterObject ingress in _objects.Where(each => each.Kind == "Ingress"))
        {
            JsonObject[] paths = [.. ClusterObject.List(ingress.Spec["rules"]).SelectMany(rule => ClusterObject.List(rule["http"]!["paths"]))];
            foreach (JsonNode backend in paths.Select(path => path["backend"]!["service"]!))
            {
                ClusterObject service = _objects.Single(each => each.Kind == "Service" && each.Name == (string)backend["name"]!);
                Assert.That(ClusterObject.List(service.Spec["ports"]).Select(port => (string)port["name"]!), Does.Contain((string)backend["port"]!["name"]!));
            }

            Assert.That(paths.Select(path => (string)path["path"]!), Is.SubsetOf((string[])["/steps", "/jobs", "/webhook"]));
        }
    }

    [Test]
    public void Volumes_and_their_mounts_belong_together_and_probes_ask_a_port_that_is_there()
    {
        foreach (ClusterObject each in _objects.Where(each => each.HasPod))
        {
            IEnumerable<string> volumes = ClusterObject.List(each.PodSpec["volumes"]).Concat(ClusterObject.List((each.Kind == "StatefulSet" ? each.Spec : [])["volumeClaimTemplates"]))
                .Select(volume => (string)(volume["name"] ?? volume["metadata"]!["name"])!);
            JsonObject[] mounts = [.. each.Containers.SelectMany(container => ClusterObject.List(container["volumeMounts"]))];
            Assert.Multiple(() =>
            {
                Assert.That(mounts.Select(mount => (string)mount["name"]!), Is.EquivalentTo(volumes), each.ToString());
                Assert.That(mounts.Select(mount => (string)mount["mountPath"]!), Is.Unique, each.ToString());
                Assert.That(volumes, Does.Contain("tmp"), "the runtime needs a folder to write in");
            });
            foreach (JsonObject container in each.Containers)
            {
                foreach (string probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
                {
                    if (each.IsWorkload) Assert.That((string?)container[probe]?["httpGet"]?["port"], Is.EqualTo("http"), $"{each}: {probe}");
                }
            }
        }
    }

    [Test]
    public void No_pod_takes_variables_of_services_or_a_token_of_the_API()
    {
        foreach (ClusterObject each in _objects.Where(each => each.HasPod))
        {
            Assert.That((bool?)each.PodSpec["enableServiceLinks"], Is.False, each.ToString());
            Assert.That((bool?)each.PodSpec["automountServiceAccountToken"], Is.False, each.ToString());
        }

        Assert.That(_objects.Where(each => each.Kind is "Role" or "ClusterRole" or "RoleBinding" or "ClusterRoleBinding"), Is.Empty);
    }

    private static IEnumerable<string> PortNames(ClusterObject workload) =>
        workload.Containers.SelectMany(container => ClusterObject.List(container["ports"])).Select(port => (string)port["name"]!);

    private static IEnumerable<JsonObject> Selectors(JsonNode? node) => node switch
    {
        JsonObject map => map.Where(pair => pair.Key is "matchLabels" && !HasOwnWords(pair.Value!)).Select(pair => pair.Value!.AsObject()).Concat(map.SelectMany(pair => Selectors(pair.Value))),
        JsonArray array => array.SelectMany(Selectors),
        _ => [],
    };

    /// <summary>Selectors of others' pods and namespaces, which come from the values.</summary>
    private static bool HasOwnWords(JsonNode selector) => selector.AsObject().All(pair => !pair.Key.StartsWith("app.kubernetes.io/", StringComparison.Ordinal));
}
