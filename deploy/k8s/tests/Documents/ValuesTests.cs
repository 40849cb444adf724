using System.Text;
using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;
using NJsonSchema.Validation;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>values.yaml is the source: its schema and the table in the README are written from it.</summary>
public sealed class ValuesTests
{
    private const string ChartFromHere = "../../chart/ci-runner-metrics";

    /// <summary>What takes any key: labels, annotations, and what others define and check.</summary>
    private static readonly string[] Open =
    [
        "global", "commonLabels", "additionalLabels", "annotations", "podAnnotations", "podLabels", "nodeSelector", "labels", "config", "tlsConfig",
        "authorization", "basicAuth", "from", "egress", "rules", "seccompProfile", "limits", "requests", "nodeAffinity", "extraVolumes",
    ];

    [Test]
    public async Task The_schema_is_the_one_of_the_values() => Golden.Check(await ValuesSchema.WriteAsync(), $"{ChartFromHere}/values.schema.json");

    [Test]
    public async Task Every_value_has_a_description_and_stands_in_the_readme()
    {
        IReadOnlyList<ValueEntry> all = await ValueEntry.ReadAsync();
        Assert.That(Leaves(all).Where(entry => entry.Description.Length == 0).Select(entry => entry.Path), Is.Empty, "without a comment '# -- ...'");

        const string begin = "<!-- values: written from values.yaml -->\n", end = "<!-- end of values -->";
        string readme = await File.ReadAllTextAsync(Path.Combine(Renderer.Chart, "README.md"));
        int from = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = readme.IndexOf(end, StringComparison.Ordinal);
        Golden.Check(readme[..from] + Table(all) + readme[to..], $"{ChartFromHere}/README.md");
    }

    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task Values_pass_the_schema_and_a_misspelt_key_is_refused_at_every_level(string values)
    {
        JsonSchema schema = await SchemaAsync();
        JsonObject all = JsonNode.Parse(await Renderer.PrintAsync("values", values))!.AsObject();
        Assert.That(schema.Validate(all.ToJsonString()), Is.Empty);

        string[][] paths = [.. Objects(all, [])];
        Assert.That(paths, Has.Length.GreaterThan(30));
        foreach (string[] path in paths.Where(path => !path.Intersect(Open, StringComparer.Ordinal).Any()))
        {
            JsonObject copy = all.DeepClone().AsObject();
            At(copy, path)["misspelt"] = true;
            Assert.That(Refused(schema, copy), Is.EqualTo(["misspelt"]), string.Join('.', path));
        }
    }

    [TestCase("reciever: {}", "reciever")]
    [TestCase("receiver: {postgress: {}}", "postgress")]
    [TestCase("receiver: {postgres: {existingSecret: {nmae: x}}}", "nmae")]
    [TestCase("receiver: {serviceMonitor: {enable: true}}", "enable")]
    [TestCase("defaults: {image: {repo: x}}", "repo")]
    [TestCase("runnerExporter: {tolerations: [{keys: x}]}", "keys")]
    [TestCase("githubWebhook: {runners: []}", "runners")]
    public async Task A_misspelt_key_is_named(string yaml, string key)
    {
        using TempFolder folder = new();
        string text = await Renderer.PrintAsync("values", "default", folder.Write("values.yaml", yaml));
        Assert.That(Refused(await SchemaAsync(), JsonNode.Parse(text)!.AsObject()), Is.EqualTo([key]));
    }

    [TestCase("receiver: {enabled: 'yes'}")]
    [TestCase("defaults: {image: {pullPolicy: Sometimes}}")]
    [TestCase("runnerExporter: {dockerGroup: docker}")]
    public async Task A_value_of_the_wrong_kind_is_refused(string yaml)
    {
        using TempFolder folder = new();
        Assert.That((await SchemaAsync()).Validate(await Renderer.PrintAsync("values", "default", folder.Write("values.yaml", yaml))), Is.Not.Empty);
    }

    [TestCase("spaceliftPromex: {enabled: true}", "spaceliftPromex.apiEndpoint is needed")]
    [TestCase("spaceliftPromex: {enabled: true, apiEndpoint: 'https://x', apiKeyId: x}", "spaceliftPromex.existingSecret.name is needed")]
    [TestCase("githubWebhook: {enabled: true}", "githubWebhook.existingSecret.name is needed")]
    [TestCase("""
        defaults: {ingress: {enabled: true, host: ci.example.com}}
        githubWebhook: {enabled: true, existingSecret: {name: x}}
        spaceliftPromex: {enabled: true, apiEndpoint: 'https://x', apiKeyId: x, existingSecret: {name: x}, webhook: {existingSecret: {name: x}}}
        """, "ingress.host must differ")]
    public async Task What_must_be_given_is_asked_for(string yaml, string message)
    {
        using TempFolder folder = new();
        Assert.That(await Renderer.RefusalAsync(folder.Write("values.yaml", yaml)), Does.Contain(message));
    }

    [Test]
    public async Task A_component_s_own_value_goes_over_the_defaults_also_where_it_is_false_or_empty()
    {
        using TempFolder folder = new();
        string values = folder.Write("values.yaml", """
            defaults:
              serviceMonitor: {enabled: true}
              serviceAccount: {create: true}
              extraArgs: [--log.level=debug]
            receiver:
              serviceMonitor: {enabled: false}
              serviceAccount: {create: false}
              extraArgs: []
            """);
        string manifests = await Renderer.PrintAsync("manifests", "default", values);
        Assert.That(manifests, Does.Not.Contain("ServiceMonitor").And.Not.Contain("kind: ServiceAccount").And.Not.Contain("log.level").And.Contain("kind: StatefulSet"));
    }

    [Test]
    public async Task Folders_and_types_may_have_what_means_something_in_yaml()
    {
        using TempFolder folder = new();
        string values = folder.Write("values.yaml", """
            githubRunnerMetrics: { runnersDir: "/srv/a: b #c", runners: ["/srv/a: b #c/*"], runnerType: "chrome: go", stateDir: "/srv/s: #" }
            alloyRunnerMetrics: { configDir: "/srv/d: #", logDir: "/srv/e: #", logFile: "a: b #c", stateDir: "/srv/f: #" }
            runnerExporter: { dockerSocket: "/srv/g: #", cgroups: "/srv/h: #" }
            """);
        ClusterObject[] workloads = [.. (await Renderer.RenderAsync("all-values.yaml", "ci", "ci", values)).Where(each => each.Kind == "DaemonSet")];
        Assert.That(
            workloads.SelectMany(each => ClusterObject.Texts(each.Containers.Single()["args"])),
            Is.SupersetOf((string[])["--runner-dir=/srv/a: b #c/*", "--runner-type=chrome: go", "--log-file=/host/log/a: b #c"]));
        Assert.That(
            workloads.SelectMany(each => ClusterObject.List(each.PodSpec["volumes"])).Where(each => each["hostPath"] is not null).Select(each => (string)each["hostPath"]!["path"]!),
            Is.EquivalentTo((string[])["/srv/a: b #c", "/srv/s: #", "/srv/d: #", "/srv/e: #", "/srv/f: #", "/srv/g: #", "/srv/h: #"]));
    }

    /// <summary>For the time in which its database is away.</summary>
    [Test]
    public async Task No_replicas_are_none()
    {
        using TempFolder folder = new();
        string manifests = await Renderer.PrintAsync("manifests", "receiver-postgres-values.yaml", folder.Write("values.yaml", "receiver: {postgres: {replicas: 0}}"));
        Assert.That(manifests, Does.Contain("  replicas: 0\n"));
    }

    [Test]
    public async Task The_readme_s_values_for_tls_give_valid_objects_and_ask_by_https()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(Renderer.Chart, "README.md"));
        using TempFolder folder = new();
        string values = folder.Write("values.yaml", readme.Split("```yaml\n")[1].Split("```")[0]);
        Assert.That((await SchemaAsync()).Validate(await Renderer.PrintAsync("values", "default", values)), Is.Empty);

        string manifests = await Renderer.PrintAsync("manifests", "default", values);
        List<string> mistakes = [];
        foreach (JsonObject each in (await Renderer.ReadAsync(folder.Write("manifests.yaml", manifests))).Select(each => each!.AsObject()))
        {
            PublishedSchemas.Need();
            mistakes.AddRange(await ObjectSchemas.MistakesAsync((string)each["apiVersion"]!, (string)each["kind"]!, each));
        }

        Assert.That(mistakes, Is.Empty);
        Assert.That(manifests.Split("scheme: HTTPS"), Has.Length.EqualTo(1 + 3));
        Assert.That(manifests, Does.Contain("scheme: https").And.Contain("path: /-/healthy"));
    }

    [TestCaseSource(typeof(Renderer), nameof(Renderer.ValuesFiles))]
    public async Task The_notes_name_every_workload(string values)
    {
        string notes = await Renderer.PrintAsync("notes", values);
        foreach (ClusterObject workload in (await Renderer.RenderAsync(values)).Where(each => each.IsWorkload)) Assert.That(notes, Does.Contain($"\n{workload.Name}: "));
    }

    [Test]
    public async Task The_chart_s_annotations_name_the_images_of_the_values()
    {
        JsonNode chart = (await Renderer.ReadAsync(Path.Combine(Renderer.Chart, "Chart.yaml"))).Single()!;
        using TempFolder folder = new();
        JsonArray images = (await Renderer.ReadAsync(folder.Write("images.yaml", (string)chart["annotations"]!["artifacthub.io/images"]!))).Single()!.AsArray();
        IEnumerable<string> used = (await Renderer.RenderAsync("no-monitoring-values.yaml")).Where(each => each.IsWorkload).SelectMany(each => each.Containers).Select(container => (string)container["image"]!);
        Assert.That(images.Select(image => (string)image!["image"]!), Is.EquivalentTo(used.Distinct(StringComparer.Ordinal)));
    }

    /// <summary>As it is written, not as it lies there: so one run with UPDATE_GOLDEN=1 is enough.</summary>
    private static async Task<JsonSchema> SchemaAsync() => await JsonSchema.FromJsonAsync(await ValuesSchema.WriteAsync());

    private static IEnumerable<string> Refused(JsonSchema schema, JsonObject values) =>
        Flat(schema.Validate(values.ToJsonString())).Where(error => error.Kind == ValidationErrorKind.NoAdditionalPropertiesAllowed).Select(error => error.Property!);

    private static IEnumerable<ValidationError> Flat(IEnumerable<ValidationError> errors) =>
        errors.SelectMany(error => error is ChildSchemaValidationError children ? Flat(children.Errors.SelectMany(pair => pair.Value)) : [error]);

    private static IEnumerable<ValueEntry> Leaves(IEnumerable<ValueEntry> entries) =>
        entries.SelectMany(entry => entry.Type == "group" ? Leaves(entry.Children) : [entry]);

    private static string Table(IReadOnlyList<ValueEntry> all)
    {
        StringBuilder text = new();
        text.AppendLine("| value | default | |").AppendLine("|---|---|---|");
        foreach (ValueEntry entry in Leaves(all)) text.AppendLine($"| `{entry.Path}` | `{entry.Default?.ToJsonString() ?? "null"}` | {entry.Description} |");
        return text.ToString();
    }

    private static IEnumerable<string[]> Objects(JsonNode? node, string[] path) => node switch
    {
        JsonObject map => [path, .. map.SelectMany(pair => Objects(pair.Value, [.. path, pair.Key]))],
        JsonArray array => array.SelectMany((each, index) => Objects(each, [.. path, $"{index}"])),
        _ => [],
    };

    private static JsonNode At(JsonNode node, IEnumerable<string> path) =>
        path.Aggregate(node, (below, key) => below is JsonArray array ? array[int.Parse(key)]! : below[key]!);
}
