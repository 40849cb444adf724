using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;
using NJsonSchema.Validation;

namespace CiMetrics.Dashboards.Tests;

/// <summary>The dashboards by Grafana's own schemas (11.6), where a checkout has them beside it.</summary>
public sealed class SchemaTests
{
    private static string Folder { get; } = Path.GetFullPath(Repository.PathOf("..", "shared", "schemas", "grafana-11.6"));

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public async Task A_provisioned_dashboard_is_valid(object file) => await CheckAsync(((DashboardFile)file).Json);

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Importable))]
    public async Task A_dashboard_for_import_is_valid_once_it_is_imported(object file)
    {
        JsonObject dashboard = ((DashboardFile)file).Json.DeepClone().AsObject();
        foreach (string key in (string[])["__inputs", "__elements", "__requires", "id"]) dashboard.Remove(key);
        // Grafana completes options at an import: those of the file that is kept by hand are checked in its other form.
        await CheckAsync(dashboard, ((DashboardFile)file).Name != DashboardFiles.ByHand);
    }

    [Test]
    public async Task What_is_wrong_is_found()
    {
        JsonObject dashboard = DashboardFile.Provisioned[0].Json.DeepClone().AsObject();
        dashboard["titel"] = "misspelt";
        Assert.That(Problems(await DashboardSchemaAsync(), dashboard), Is.Not.Empty);
        JsonObject options = DashboardFile.Provisioned[0].Panels.First(panel => (string)panel["type"]! == "stat")["options"]!.DeepClone().AsObject();
        options["colorMode"] = "rainbow";
        Assert.That(Problems(await PanelSchemaAsync("stat", "Options"), options), Is.Not.Empty);
    }

    private static async Task CheckAsync(JsonObject dashboard, bool hasPanels = true)
    {
        Assert.That(Problems(await DashboardSchemaAsync(), dashboard), Is.Empty);
        foreach (JsonObject panel in DashboardFile.Objects(dashboard["panels"]).Where(panel => hasPanels && (string)panel["type"]! != "row"))
        {
            string type = (string)panel["type"]!;
            Assert.That(Problems(await PanelSchemaAsync(type, "Options"), panel["options"]!), Is.Empty, (string)panel["title"]!);
            if (type == "timeseries") Assert.That(Problems(await PanelSchemaAsync(type, "GraphFieldConfig"), panel["fieldConfig"]!["defaults"]!["custom"]!), Is.Empty, (string)panel["title"]!);
        }
    }

    private static IEnumerable<string> Problems(JsonSchema schema, JsonNode value) => schema.Validate(value.ToJsonString()).SelectMany(Leaves).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Leaves(ValidationError error) =>
        error is ChildSchemaValidationError parent ? parent.Errors.SelectMany(each => each.Value).SelectMany(Leaves) : [error.ToString()];

    private static async Task<JsonSchema> DashboardSchemaAsync()
    {
        JsonNode schema = Read("dashboard");
        // Grafana takes any value here (a field's name, a unit); its schema's generator wrote "object".
        schema["definitions"]!["MatcherConfig"]!["properties"]!["options"] = new JsonObject();
        schema["definitions"]!["DynamicConfigValue"]!["properties"]!["value"] = new JsonObject();
        return await PartAsync(schema, "Dashboard");
    }

    private static async Task<JsonSchema> PanelSchemaAsync(string type, string part) => await PartAsync(Read(type), part);

    // A reference at the root is not followed: what it refers to is put there.
    private static async Task<JsonSchema> PartAsync(JsonNode schema, string part)
    {
        JsonObject whole = schema["definitions"]![part]!.DeepClone().AsObject();
        whole["definitions"] = schema["definitions"]!.DeepClone();
        return await JsonSchema.FromJsonAsync(whole.ToJsonString());
    }

    private static JsonNode Read(string name)
    {
        string path = Path.Combine(Folder, $"{name}.jsonschema.json");
        // Not a component to install: only some checkouts have the schemas.
        if (!File.Exists(path)) Assert.Ignore($"{path} is not there: Grafana's schemas are not beside this checkout");
        return JsonNode.Parse(File.ReadAllText(path))!;
    }
}
