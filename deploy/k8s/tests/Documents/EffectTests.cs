using System.Text.Json;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>No value is for nothing: what is written for it reaches an object, wherever everything is enabled.</summary>
public sealed class EffectTests
{
    private const string Everything = "all-values.yaml";
    private const string Mark = "changed";
    private const int MarkedNumber = 7177;

    /// <summary>What is written for a value of each type in value-types.json, and by which text it is found again.</summary>
    private static readonly Dictionary<string, (string Json, string Mark)> Marked = new(StringComparer.Ordinal)
    {
        ["string"] = ("\"changed\"", Mark),
        ["integer"] = ($"{MarkedNumber}", $"{MarkedNumber}"),
        ["intOrString"] = ($"{MarkedNumber}", $"{MarkedNumber}"),
        ["texts"] = ("[\"changed\"]", Mark),
        ["object"] = ("""{"changed": "x"}""", Mark),
        ["objects"] = ("""[{"changed": "x"}]""", Mark),
        ["labels"] = ("""{"changed": "x"}""", Mark),
        ["annotations"] = ("""{"changed": "x"}""", Mark),
        ["names"] = ("""[{"name": "changed"}]""", Mark),
        ["pullPolicy"] = ("\"Never\"", "\"imagePullPolicy\":\"Never\""),
        ["serviceType"] = ("\"NodePort\"", "\"NodePort\""),
        ["scheme"] = ("\"https\"", "\"scheme\":\"https\""),
        ["podSecurityContext"] = ("""{"seLinuxChangePolicy": "changed"}""", Mark),
        ["securityContext"] = ("""{"procMount": "changed"}""", Mark),
        ["resources"] = ("""{"limits": {"changed": "1"}}""", Mark),
        ["tolerations"] = ("""[{"key": "changed"}]""", Mark),
        ["affinity"] = ("""{"podAffinity": {"changed": "x"}}""", Mark),
        ["topologySpreadConstraints"] = ("""[{"topologyKey": "changed"}]""", Mark),
        ["env"] = ("""[{"name": "changed", "value": "x"}]""", Mark),
        ["envFrom"] = ("""[{"prefix": "changed"}]""", Mark),
        ["volumes"] = ("""[{"name": "changed"}]""", Mark),
        ["volumeMounts"] = ("""[{"name": "changed"}]""", Mark),
        ["probe"] = ($$"""{"periodSeconds": {{MarkedNumber}}}""", $"{MarkedNumber}"),
        ["relabelings"] = ("""[{"regex": "changed"}]""", Mark),
    };

    [Test]
    public async Task Every_value_reaches_an_object()
    {
        JsonObject given = JsonNode.Parse(await Renderer.PrintAsync("values", Everything))!.AsObject();
        // The journal's volume is there without a database, and replicas with one.
        JsonObject journal = [], database = JsonNode.Parse("""{"receiver": {"postgres": {"existingSecret": {"name": "x"}}, "tokens": {"existingSecret": {"name": "x"}}}}""")!.AsObject();
        string withJournal = await TextAsync(journal), withDatabase = await TextAsync(database);
        List<string> forNothing = [];
        foreach (ValueEntry entry in Leaves(await ValueEntry.ReadAsync()))
        {
            if (!await ReachesAsync(entry, given, journal, withJournal) && !await ReachesAsync(entry, given, database, withDatabase)) forNothing.Add(entry.Path);
        }

        Assert.That(forNothing, Is.Empty);
    }

    [Test]
    public async Task Another_configuration_makes_other_pods()
    {
        JsonObject config(string cluster) => new() { ["defaults"] = new JsonObject { ["config"] = new JsonObject { ["labels"] = new JsonObject { ["cluster"] = cluster } } } };
        Dictionary<string, string> one = await PodsAsync(config("one")), same = await PodsAsync(config("one")), other = await PodsAsync(config("other"));
        Assert.That(one, Has.Count.EqualTo(6).And.EquivalentTo(same));
        foreach ((string workload, string pod) in one) Assert.That(other[workload], Is.Not.EqualTo(pod), workload);
    }

    private static async Task<bool> ReachesAsync(ValueEntry entry, JsonObject given, JsonObject over, string before)
    {
        JsonObject values = over.DeepClone().AsObject();
        string[] path = entry.Path.Split('.');
        if (entry.Type == "boolean")
        {
            Set(values, path, !(bool)path.Aggregate((JsonNode?)given, (node, key) => node![key])!);
            return await TextAsync(values) != before;
        }

        (string json, string mark) = Marked[entry.Type];
        Assert.That(before.Contains(mark, StringComparison.Ordinal), Is.False, $"{mark} stands there already");
        Set(values, path, JsonNode.Parse(json));
        return (await TextAsync(values)).Contains(mark, StringComparison.Ordinal);
    }

    private static void Set(JsonObject values, string[] path, JsonNode? value)
    {
        JsonObject node = values;
        foreach (string key in path[..^1])
        {
            if (node[key] is null) node[key] = new JsonObject();
            node = node[key]!.AsObject();
        }

        node[path[^1]] = value;
    }

    private static async Task<Dictionary<string, string>> PodsAsync(JsonObject values) =>
        (await RenderAsync(values)).Where(each => each.IsWorkload).ToDictionary(each => each.ToString(), each => each.Pod.ToJsonString(), StringComparer.Ordinal);

    /// <summary>Without dashboards, which are most of the text and hold no values, and without the pods of helm test.</summary>
    private static async Task<string> TextAsync(JsonObject values) =>
        JsonSerializer.Serialize((await RenderAsync(values)).Where(each => !each.Source.StartsWith("tests/", StringComparison.Ordinal)).Select(each => each.Source == "dashboards.yaml" ? each.Body["metadata"] : each.Body));

    private static async Task<IReadOnlyList<ClusterObject>> RenderAsync(JsonObject values)
    {
        using TempFolder folder = new();
        return await Renderer.RenderAsync(Everything, "ci", "ci", folder.Write("values.yaml", values.ToJsonString()));
    }

    private static IEnumerable<ValueEntry> Leaves(IEnumerable<ValueEntry> entries) =>
        entries.SelectMany(entry => entry.Type == "group" ? Leaves(entry.Children) : [entry]);
}
