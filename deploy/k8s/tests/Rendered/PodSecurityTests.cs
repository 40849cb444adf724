using System.Text.Json.Nodes;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>Pod Security Standards: what is promised to pass "restricted" does, and what does not is listed in the README with its reason.</summary>
public sealed class PodSecurityTests
{
    private static readonly string[] AllowedVolumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    /// <summary>What the pods on the hosts of runners need beyond "restricted", and nothing else.</summary>
    private static readonly Dictionary<string, string[]> Exceptions = new(StringComparer.Ordinal)
    {
        ["runner-exporter"] = ["hostPID", "hostPath"],
        ["alloy-runner-metrics"] = ["hostPID", "hostPath", "runAsNonRoot", "runAsUser 0"],
        ["github-runner-metrics"] = ["hostPID", "hostPath"],
    };

    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task Pods_pass_restricted_but_for_the_exceptions(string values)
    {
        foreach (ClusterObject each in (await Renderer.RenderAsync(values)).Where(each => each.HasPod))
            Assert.That(Violations(each.PodSpec).Distinct(StringComparer.Ordinal), Is.EquivalentTo(Exceptions.GetValueOrDefault(each.Component, [])), each.ToString());
    }

    [Test]
    public void The_readme_lists_the_exceptions()
    {
        string readme = File.ReadAllText(Path.Combine(Renderer.Chart, "README.md"));
        foreach ((string component, string[] exceptions) in Exceptions) Assert.That(readme, Does.Contain($"| `{component}` | {string.Join(", ", exceptions.Select(each => $"`{each}`"))} |"));
    }

    [Test]
    public void A_pod_without_any_care_fails_all_of_it()
    {
        JsonNode careless = JsonNode.Parse("""
            {"hostNetwork": true, "hostPID": true, "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
             "containers": [{"name": "a", "ports": [{"hostPort": 80}], "securityContext": {"privileged": true, "runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}}}]}
            """)!;
        Assert.That(Violations(careless.AsObject()).Distinct(StringComparer.Ordinal), Is.EquivalentTo(
            (string[])["hostNetwork", "hostPID", "hostPath", "hostPort", "privileged", "capabilities", "allowPrivilegeEscalation", "seccompProfile", "runAsNonRoot", "runAsUser 0", "readOnlyRootFilesystem"]));
    }

    private static IEnumerable<string> Violations(JsonObject pod)
    {
        foreach (string host in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if ((bool?)pod[host] == true) yield return host;
        }

        foreach (JsonObject volume in ClusterObject.List(pod["volumes"]))
        {
            foreach ((string kind, JsonNode? _) in volume.Where(pair => pair.Key != "name" && !AllowedVolumes.Contains(pair.Key, StringComparer.Ordinal))) yield return kind;
        }

        JsonNode? podContext = pod["securityContext"];
        foreach (JsonObject container in ClusterObject.List(pod["initContainers"]).Concat(ClusterObject.List(pod["containers"])))
        {
            JsonNode? context = container["securityContext"];
            JsonNode? Effective(string field) => context?[field] ?? podContext?[field];
            if ((bool?)context?["privileged"] == true) yield return "privileged";
            if ((bool?)context?["allowPrivilegeEscalation"] != false) yield return "allowPrivilegeEscalation";
            if (!ClusterObject.Texts(context?["capabilities"]?["drop"]).Contains("ALL", StringComparer.Ordinal) || ClusterObject.Texts(context?["capabilities"]?["add"]).Any(each => each != "NET_BIND_SERVICE")) yield return "capabilities";
            if ((string?)Effective("seccompProfile")?["type"] is not ("RuntimeDefault" or "Localhost")) yield return "seccompProfile";
            if ((bool?)Effective("runAsNonRoot") != true) yield return "runAsNonRoot";
            if ((int?)Effective("runAsUser") == 0) yield return "runAsUser 0";
            // Not of the standard, and kept all the same.
            if ((bool?)context?["readOnlyRootFilesystem"] != true) yield return "readOnlyRootFilesystem";
            if ((string?)Effective("procMount") is not (null or "Default")) yield return "procMount";
            if (ClusterObject.List(container["ports"]).Any(port => port["hostPort"] is not null)) yield return "hostPort";
        }
    }
}
