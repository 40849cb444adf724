using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;

namespace CiMetrics.Dashboards.Tests;

/// <summary>The dashboards by Grafana's own schemas (11.6), where a checkout has them beside it.</summary>
public sealed class SchemaTests
{
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
        Assert.That(PublishedSchemas.Mistakes(await DashboardSchemaAsync(), dashboard), Is.Not.Empty);
        JsonObject options = DashboardFile.Provisioned[0].Panels.First(panel => (string)panel["type"]! == "stat")["options"]!.DeepClone().AsObject();
        options["colorMode"] = "rainbow";
        Assert.That(PublishedSchemas.Mistakes(await PanelSchemaAsync("stat", "Options"), options), Is.Not.Empty);
    }

    private static async Task CheckAsync(JsonObject dashboard, bool hasPanels = true)
    {
        Assert.That(PublishedSchemas.Mistakes(await DashboardSchemaAsync(), dashboard), Is.Empty);
        foreach (JsonObject panel in DashboardFile.Objects(dashboard["panels"]).Where(panel => hasPanels && (string)panel["type"]! != "row"))
        {
            string type = (string)panel["type"]!;
            Assert.That(PublishedSchemas.Mistakes(await PanelSchemaAsync(type, "Options"), panel["options"]!), Is.Empty, (string)panel["title"]!);
            if (type == "timeseries") Assert.That(PublishedSchemas.Mistakes(await PanelSchemaAsync(type, "GraphFieldConfig"), panel["fieldConfig"]!["defaults"]!["custom"]!), Is.Empty, (string)panel["title"]!);
        }
    }

    private static async Task<JsonSchema> DashboardSchemaAsync()
    {
        JsonObject schema = Read("dashboard");
        // Grafana takes any value here (a field's name, a unit); its schema's generator wrote "object".
        schema["definitions"]!["MatcherConfig"]!["properties"]!["options"] = new JsonObject();
        schema["definitions"]!["DynamicConfigValue"]!["properties"]!["value"] = new JsonObject();
        return await PublishedSchemas.DefinitionAsync(schema, "Dashboard");
    }

    private static Task<JsonSchema> PanelSchemaAsync(string type, string part) => PublishedSchemas.DefinitionAsync(Read(type), part);

    private static JsonObject Read(string name) => PublishedSchemas.Read("grafana-11.6", $"{name}.jsonschema.json");
}
