using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>The snippets for pods that others make: valid for the API, and their arguments do what they say.</summary>
public sealed partial class SnippetTests
{
    private const string ReceiverHost = "ci-runner-metrics-receiver.ci-runner-metrics.svc";

    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    private static string Folder { get; } = Repository.PathOf("deploy", "k8s", "snippets");

    [TestCaseSource(nameof(Files))]
    public async Task A_snippet_is_valid_and_has_no_unknown_field(string file)
    {
        PublishedSchemas.Need();
        JsonObject snippet = await ReadAsync(file);
        if (snippet["kind"] is { } kind) Assert.That(await ObjectSchemas.MistakesAsync((string)snippet["apiVersion"]!, (string)kind!, snippet), Is.Empty);
        else Assert.That(await ObjectSchemas.MistakesOfPartAsync("PodTemplateSpec", snippet["template"]!), Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public async Task Our_containers_have_nothing_that_they_do_not_need(string file)
    {
        JsonObject[] ours = [.. Containers(await ReadAsync(file)).Where(ContainerProgram.IsOurs)];
        Assert.That(ours, Has.Length.EqualTo(1));
        JsonNode context = ours[0]["securityContext"]!;
        Assert.Multiple(() =>
        {
            Assert.That((bool?)context["allowPrivilegeEscalation"], Is.False);
            Assert.That((bool?)context["readOnlyRootFilesystem"], Is.True);
            Assert.That(ClusterObject.Texts(context["capabilities"]!["drop"]), Is.EqualTo(["ALL"]));
            Assert.That(ClusterObject.List(ours[0]["volumeMounts"]).Select(mount => (string)mount["mountPath"]!), Does.Contain("/tmp"));
        });
    }

    [TestCase("native-sidecar.yaml")]
    [TestCase("gitlab-runner-pod-spec.toml")]
    [TestCase("arc-sidecar.yaml")]
    public async Task The_sidecar_takes_a_job_s_file_to_the_receiver(string file)
    {
        ClusterObject receiver = (await Renderer.RenderAsync("default")).Single(each => each.IsWorkload && each.Component == "receiver");
        ClusterObject service = (await Renderer.RenderAsync("default")).Single(each => each.Kind == "Service");
        Assert.That($"{service.Name}.{service.Body["metadata"]!["namespace"]}.svc", Is.EqualTo(ReceiverHost), "the snippets name the Service that the chart makes");
        await using ContainerProgram ledger = ContainerProgram.Start(receiver.Containers.Single(), Nothing);
        Assert.That(await ledger.StatusAsync("http", "/-/healthy"), Is.EqualTo(200));

        JsonObject container = Containers(await ReadAsync(file)).Single(ContainerProgram.IsOurs);
        string path = ClusterObject.Texts(container["args"])[0];
        await using ContainerProgram sidecar = ContainerProgram.Start(
            container, new Dictionary<string, string>(StringComparer.Ordinal) { [ReceiverHost] = $"127.0.0.1:{ledger.Ports["http"]}" });
        string target = sidecar.Mounted(path);
        if (path.EndsWith('/')) target = Path.Combine(target, "job.json");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await File.WriteAllTextAsync(target, """{"name":"build","project":"shop/web","status":"success","started":"2026-01-01T10:00:00Z","finished":"2026-01-01T10:01:00Z"}""");

        using HttpClient client = new();
        await Eventually.TrueAsync(
            async () => (await client.GetStringAsync($"http://127.0.0.1:{ledger.Ports["http"]}/metrics")).Contains("ci_build_total{project=\"shop/web\",status=\"success\"} 1", StringComparison.Ordinal),
            "the receiver to have counted the job");
    }

    [TestCase("arc-runner-metrics.yaml", "/home/runner/_diag")]
    [TestCase("bitbucket-docker-in-docker.yaml", "/host/run")]
    public async Task The_exporter_beside_a_runner_starts_and_answers_its_probe(string file, string mount)
    {
        JsonObject container = Containers(await ReadAsync(file)).Single(ContainerProgram.IsOurs);
        Assert.That(ClusterObject.List(container["volumeMounts"]).Select(each => (string)each["mountPath"]!), Does.Contain(mount));
        await using ContainerProgram program = ContainerProgram.Start(container, Nothing);
        JsonNode probe = container["livenessProbe"]!["httpGet"]!;
        Assert.That(await program.StatusAsync((string)probe["port"]!, (string)probe["path"]!), Is.EqualTo(200));
        Assert.That(await program.StatusAsync((string)probe["port"]!, "/metrics"), Is.EqualTo(200));
    }

    [TestCaseSource(nameof(Files))]
    public void The_readme_of_the_folder_above_names_it(string file) =>
        Assert.That(File.ReadAllText(Repository.PathOf("deploy", "k8s", "README.md")), Does.Contain($"(snippets/{file})"));

    private static IEnumerable<string> Files() => Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private static IEnumerable<JsonObject> Containers(JsonObject snippet)
    {
        JsonNode pod = (snippet["template"] ?? snippet["spec"]!["template"])!["spec"]!;
        return ClusterObject.List(pod["initContainers"]).Concat(ClusterObject.List(pod["containers"]));
    }

    /// <summary>The YAML of a file; of a runner's config.toml its patch, laid over the pod that the runner makes.</summary>
    private static async Task<JsonObject> ReadAsync(string file)
    {
        string path = Path.Combine(Folder, file);
        if (!file.EndsWith(".toml", StringComparison.Ordinal)) return (await Renderer.ReadAsync(path)).Single()!.AsObject();
        using TempFolder folder = new();
        JsonObject patch = (await Renderer.ReadAsync(folder.Write("patch.yaml", Patch().Match(await File.ReadAllTextAsync(path)).Groups["yaml"].Value))).Single()!.DeepClone().AsObject();
        patch["containers"] = new JsonArray(new JsonObject { ["name"] = "build", ["image"] = "busybox" });
        patch["volumes"]!.AsArray().Add(new JsonObject { ["name"] = "repo", ["emptyDir"] = new JsonObject() });
        return new JsonObject { ["template"] = new JsonObject { ["spec"] = patch } };
    }

    [GeneratedRegex("patch = '''\n(?<yaml>.*?)'''", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Patch();
}
