using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The dashboard by Grafana's own schemas, and by what Grafana's import and provisioning need of it.</summary>
public sealed partial class DashboardSchemaTests
{
    private static readonly string[] OnlyForImport = ["__inputs", "__elements", "__requires", "id"];

    private static JsonObject Dashboard => JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy", "grafana", "github-runner-dashboard.json")))!.AsObject();

    private static JsonObject[] Panels(JsonObject dashboard) => [.. dashboard["panels"]!.AsArray().Select(panel => panel!.AsObject())];

    [Test]
    public async Task Grafana_finds_nothing_that_it_does_not_know()
    {
        JsonObject schema = PublishedSchemas.Read("grafana-11.6", "dashboard.jsonschema.json");
        Assert.That(await MistakesAsync(schema, Dashboard), Is.Empty);

        // The check itself: a misspelt field, and a value of another kind.
        JsonObject misspelt = Dashboard;
        Panels(misspelt)[3]["gridpos"] = new JsonObject();
        Assert.That(await MistakesAsync(schema, misspelt), Is.Not.Empty);
        JsonObject wrong = Dashboard;
        wrong["templating"]!["list"]![0]!["name"] = 5;
        Assert.That(await MistakesAsync(schema, wrong), Is.Not.Empty);
    }

    [Test]
    public async Task Each_panel_has_the_options_of_its_kind()
    {
        foreach (JsonObject panel in Panels(Dashboard))
        {
            string kind = (string)panel["type"]!, title = (string)panel["title"]!;
            JsonObject schema = PublishedSchemas.Read("grafana-11.6", $"{kind}.jsonschema.json");
            // A panel keeps what it does not say at its default: only what is said can be wrong.
            IEnumerable<string> options = PublishedSchemas.Mistakes(await PublishedSchemas.DefinitionAsync(schema, "Options"), panel["options"]);
            Assert.That(options.Where(IsMistake), Is.Empty, title);
            if (schema["definitions"]!["FieldConfig"] is null) continue;
            IEnumerable<string> fields = PublishedSchemas.Mistakes(await PublishedSchemas.DefinitionAsync(schema, "FieldConfig"), panel["fieldConfig"]!["defaults"]!["custom"] ?? new JsonObject());
            Assert.That(fields.Where(IsMistake), Is.Empty, title);
        }
    }

    [Test]
    public void It_can_be_imported_by_hand()
    {
        JsonObject dashboard = Dashboard;
        JsonNode input = dashboard["__inputs"]!.AsArray().Single()!;
        Assert.That(((string)input["type"]!, (string)input["pluginId"]!), Is.EqualTo(("datasource", "prometheus")));
        string placeholder = $"${{{(string)input["name"]!}}}";
        Assert.That(dashboard.ToJsonString().Split(placeholder), Has.Length.EqualTo(2), "what the import asks for is used, in the first variable and nowhere else");
        Assert.That((string)dashboard["templating"]!["list"]![0]!["current"]!["value"]!, Is.EqualTo(placeholder));
        Assert.That((dashboard.ContainsKey("id"), dashboard["id"]), Is.EqualTo((true, (JsonNode?)null)), "another Grafana's number would be taken for its own");
        string[] required = [.. dashboard["__requires"]!.AsArray().Where(each => (string)each!["type"]! == "panel").Select(each => (string)each!["id"]!)];
        Assert.That(required, Is.EquivalentTo(Panels(dashboard).Select(panel => (string)panel["type"]!).Distinct(StringComparer.Ordinal)));
        JsonNode grafana = dashboard["__requires"]!.AsArray().Single(each => (string)each!["type"]! == "grafana")!;
        Assert.That((string)grafana["version"]!, Is.EqualTo("10.0.0"));
        Assert.That(((string)dashboard["uid"]!).Length, Is.InRange(8, 40));
    }

    [Test]
    public void Panels_are_described_have_a_unit_and_lie_beside_each_other()
    {
        JsonObject[] panels = Panels(Dashboard);
        Assert.That(panels, Has.Length.EqualTo(12));
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonObject panel in panels)
        {
            string title = (string)panel["title"]!;
            JsonNode defaults = panel["fieldConfig"]!["defaults"]!;
            Assert.That(new[] { (string?)panel["description"], (string?)defaults["unit"], (string?)defaults["noValue"] }, Has.All.Not.Null.And.All.Not.Empty, title);
            Assert.That((string)panel["datasource"]!["uid"]!, Is.EqualTo("${datasource}"), title);
            JsonNode place = panel["gridPos"]!;
            for (int x = 0; x < (int)place["w"]!; x++)
            {
                for (int y = 0; y < (int)place["h"]!; y++) Assert.That(taken.Add(((int)place["x"]! + x, (int)place["y"]! + y)), Is.True, $"{title} lies on another panel");
            }
            Assert.That((int)place["x"]! + (int)place["w"]!, Is.LessThanOrEqualTo(24), title);
            Assert.That(panel["targets"]!.AsArray(), Is.Not.Empty, title);
            foreach (JsonNode? target in panel["targets"]!.AsArray())
            {
                Assert.That((string)target!["datasource"]!["uid"]!, Is.EqualTo("${datasource}"), title);
                string[] selectors = [.. Selector().Matches((string)target["expr"]!).Select(match => match.Value)];
                Assert.That(selectors, Is.Not.Empty.And.All.Contains("{job=~\"$job\", instance=~\"$instance\", runner_name=~\"$runner_name\", runner_type=~\"$runner_type\""), title);
            }
        }
    }

    [Test]
    public void Variables_are_looked_for_again_when_the_time_shown_changes()
    {
        JsonObject[] variables = [.. Dashboard["templating"]!["list"]!.AsArray().Select(each => each!.AsObject())];
        Assert.That(variables.Select(each => (string)each["name"]!), Is.EqualTo(new[] { "datasource", "job", "instance", "runner_name", "runner_type" }));
        Assert.That(((string)variables[0]["label"]!, (string)variables[0]["query"]!), Is.EqualTo(("Data source", "prometheus")));
        foreach (JsonObject variable in variables[1..])
        {
            Assert.That(((int)variable["refresh"]!, (bool)variable["includeAll"]!, (bool)variable["multi"]!, (string)variable["allValue"]!), Is.EqualTo((2, true, true, ".+")), (string)variable["name"]!);
            Assert.That((string)variable["datasource"]!["uid"]!, Is.EqualTo("${datasource}"));
        }
    }

    private static async Task<IReadOnlyList<string>> MistakesAsync(JsonObject schema, JsonObject dashboard)
    {
        foreach (string name in OnlyForImport) dashboard.Remove(name);
        return PublishedSchemas.Mistakes(await PublishedSchemas.DefinitionAsync(schema, "Dashboard"), dashboard);
    }

    private static bool IsMistake(string mistake) => !mistake.EndsWith(": PropertyRequired", StringComparison.Ordinal);

    [GeneratedRegex(@"github_runner_\w+\{[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex Selector();
}
