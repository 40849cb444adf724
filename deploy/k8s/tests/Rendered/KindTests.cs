using System.Text.Json.Nodes;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>Each component is of the kind that its state and its place ask for.</summary>
public sealed class KindTests
{
    [Test]
    public async Task The_receiver_has_one_replica_and_keeps_its_journal_on_a_volume()
    {
        ClusterObject[] workloads = await WorkloadsAsync("receiver-values.yaml");
        ClusterObject receiver = workloads.Single();
        JsonObject claim = ClusterObject.List(receiver.Spec["volumeClaimTemplates"]).Single();
        Assert.Multiple(() =>
        {
            Assert.That(receiver.Kind, Is.EqualTo("StatefulSet"));
            Assert.That((int)receiver.Spec["replicas"]!, Is.EqualTo(1));
            Assert.That((string)claim["spec"]!["resources"]!["requests"]!["storage"]!, Is.EqualTo("10Gi"));
            Assert.That((string)claim["spec"]!["storageClassName"]!, Is.EqualTo("fast"));
            Assert.That(MountOf(receiver, (string)claim["metadata"]!["name"]!), Is.EqualTo("/data"));
            Assert.That(ClusterObject.Texts(receiver.Containers.Single()["args"]), Does.Contain("--data-dir=/data"));
        });
    }

    [Test]
    public async Task With_postgres_it_has_replicas_a_budget_and_no_volume()
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync("receiver-postgres-values.yaml");
        ClusterObject receiver = objects.Single(each => each.IsWorkload);
        Assert.Multiple(() =>
        {
            Assert.That(receiver.Kind, Is.EqualTo("Deployment"));
            Assert.That((int)receiver.Spec["replicas"]!, Is.EqualTo(3));
            Assert.That(objects.Count(each => each.Kind == "PodDisruptionBudget"), Is.EqualTo(1));
            Assert.That(ClusterObject.List(receiver.PodSpec["volumes"]).Where(volume => volume["persistentVolumeClaim"] is not null), Is.Empty);
            Assert.That(ClusterObject.Texts(receiver.Containers.Single()["args"]), Does.Contain("--store-file=/secrets/store/store").And.None.StartsWith("--data-dir"));
            Assert.That((string)ClusterObject.List(receiver.PodSpec["topologySpreadConstraints"]).Single()["topologyKey"]!, Is.EqualTo("kubernetes.io/hostname"));
        });
    }

    [TestCase("runner-exporter", "ci-runner-metrics/bitbucket")]
    [TestCase("alloy-runner-metrics", "ci-runner-metrics/gitlab")]
    [TestCase("github-runner-metrics", "ci-runner-metrics/github")]
    public async Task What_observes_a_host_is_on_each_host_of_runners_and_sees_its_processes(string component, string label)
    {
        ClusterObject workload = (await WorkloadsAsync("no-monitoring-values.yaml")).Single(each => each.Component == component);
        Assert.Multiple(() =>
        {
            Assert.That(workload.Kind, Is.EqualTo("DaemonSet"));
            Assert.That(ClusterObject.Strings(workload.PodSpec["nodeSelector"]), Is.EquivalentTo(new Dictionary<string, string>(StringComparer.Ordinal) { [label] = "true" }));
            Assert.That((bool?)workload.PodSpec["hostPID"], Is.True);
        });
    }

    [Test]
    public async Task Host_paths_are_read_only_but_for_the_socket_and_the_state()
    {
        foreach (ClusterObject each in (await WorkloadsAsync("no-monitoring-values.yaml")).Where(each => each.Kind == "DaemonSet"))
        {
            IEnumerable<string> writable = ClusterObject.List(each.PodSpec["volumes"]).Where(volume => volume["hostPath"] is not null).Select(volume => (string)volume["name"]!)
                .Where(volume => (bool?)ClusterObject.List(each.Containers.Single()["volumeMounts"]).Single(mount => (string)mount["name"]! == volume)["readOnly"] != true);
            Assert.That(writable, Is.SubsetOf((string[])["docker", "state"]), each.ToString());
        }
    }

    [Test]
    public async Task The_user_is_the_one_that_may_read_what_is_observed()
    {
        JsonNode exporter = (await WorkloadsAsync("runner-exporter-values.yaml")).Single().PodSpec["securityContext"]!;
        JsonNode github = (await WorkloadsAsync("github-runner-metrics-values.yaml")).Single().PodSpec["securityContext"]!;
        Assert.Multiple(() =>
        {
            Assert.That((int)exporter["runAsUser"]!, Is.EqualTo(1654));
            Assert.That(exporter["supplementalGroups"]!.AsArray().Select(group => (int)group!), Is.EqualTo([118]));
            Assert.That((int)github["runAsUser"]!, Is.EqualTo(1001));
            Assert.That((bool)github["runAsNonRoot"]!);
        });
    }

    [Test]
    public async Task The_webhook_has_one_pod_at_a_time_on_its_volume_and_no_runner()
    {
        IReadOnlyList<ClusterObject> objects = await Renderer.RenderAsync("github-webhook-values.yaml");
        ClusterObject webhook = objects.Single(each => each.IsWorkload);
        JsonObject volume = ClusterObject.List(webhook.PodSpec["volumes"]).Single(each => each["persistentVolumeClaim"] is not null);
        Assert.Multiple(() =>
        {
            Assert.That(webhook.Kind, Is.EqualTo("Deployment"));
            Assert.That((string)webhook.Spec["strategy"]!["type"]!, Is.EqualTo("Recreate"));
            Assert.That(objects.Where(each => each.Kind == "PersistentVolumeClaim").Select(each => each.Name), Is.EqualTo([(string)volume["persistentVolumeClaim"]!["claimName"]!]));
            Assert.That(ClusterObject.Texts(webhook.Containers.Single()["args"]), Has.None.StartsWith("--runner-dir"));
        });
    }

    [Test]
    public async Task Spacelift_is_asked_by_one_deployment() =>
        Assert.That((await WorkloadsAsync("spacelift-promex-values.yaml")).Select(each => $"{each.Kind} {each.Spec["replicas"]}"), Is.EqualTo(["Deployment 1"]));

    private static async Task<ClusterObject[]> WorkloadsAsync(string values) => [.. (await Renderer.RenderAsync(values)).Where(each => each.IsWorkload)];

    private static string MountOf(ClusterObject workload, string volume) =>
        (string)ClusterObject.List(workload.Containers.Single()["volumeMounts"]).Single(mount => (string)mount["name"]! == volume)["mountPath"]!;
}
