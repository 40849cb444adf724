using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiMetrics.Dashboards;

/// <summary>Grafana's JSON of a dashboard, in the two forms in which it is needed.</summary>
public static class DashboardJson
{
    /// <summary>Of all dashboards: the menu in each lists the others by it.</summary>
    public const string Tag = "ci-runner-metrics";

    // Of Grafana 11.
    private const int SchemaVersion = 39;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For provisioning: the data source is a choice, and no question is asked.</summary>
    public static JsonObject Provisioned(Dashboard dashboard) => new()
    {
        ["uid"] = dashboard.Uid,
        ["title"] = dashboard.Title,
        ["description"] = dashboard.Description,
        ["tags"] = new JsonArray("ci", Tag),
        ["schemaVersion"] = SchemaVersion,
        ["version"] = 1,
        ["editable"] = false,
        ["fiscalYearStartMonth"] = 0,
        ["graphTooltip"] = 1,
        ["links"] = Links(),
        ["liveNow"] = false,
        ["refresh"] = "30s",
        ["time"] = new JsonObject { ["from"] = "now-6h", ["to"] = "now" },
        ["timepicker"] = new JsonObject(),
        ["timezone"] = "browser",
        ["weekStart"] = "",
        ["annotations"] = Annotations(),
        ["templating"] = new JsonObject { ["list"] = Variables(dashboard) },
        ["panels"] = Panels(dashboard),
    };

    /// <summary>For import by hand: asks for the data source. Provisioning does not understand this form.</summary>
    public static JsonObject Importable(JsonObject provisioned)
    {
        JsonObject dashboard = provisioned.DeepClone().AsObject();
        IEnumerable<string> kinds = dashboard["panels"]!.AsArray().Select(panel => (string)panel!["type"]!).Where(kind => kind != "row").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        JsonObject import = new()
        {
            ["__inputs"] = new JsonArray(new JsonObject
            {
                ["name"] = "DS_PROMETHEUS",
                ["label"] = "Prometheus",
                ["description"] = "The Prometheus that scrapes the services",
                ["type"] = "datasource",
                ["pluginId"] = "prometheus",
                ["pluginName"] = "Prometheus",
            }),
            ["__elements"] = new JsonObject(),
            ["__requires"] = new JsonArray(
            [
                Requirement("grafana", "grafana", "Grafana", "11.0.0"),
                Requirement("datasource", "prometheus", "Prometheus", "1.0.0"),
                .. kinds.Select(kind => Requirement("panel", kind, kind, "")),
            ]),
            ["id"] = null,
        };
        foreach ((string key, JsonNode? value) in dashboard.ToArray())
        {
            dashboard.Remove(key);
            import[key] = value;
        }

        import["templating"]!["list"]![0]!["current"] = new JsonObject { ["selected"] = false, ["text"] = "Prometheus", ["value"] = "${DS_PROMETHEUS}" };
        return import;
    }

    /// <summary>A dashboard that is kept in the form for import, in the form for provisioning and with the menu of all.</summary>
    public static JsonObject ProvisionedFromImport(JsonObject import)
    {
        JsonObject dashboard = import.DeepClone().AsObject();
        foreach (string key in (string[])["__inputs", "__elements", "__requires", "id"]) dashboard.Remove(key);
        dashboard["editable"] = false;
        dashboard["schemaVersion"] = SchemaVersion;
        dashboard["links"] = Links();
        JsonArray tags = dashboard["tags"]!.AsArray();
        if (tags.All(tag => (string)tag! != Tag)) tags.Add(Tag);
        foreach (JsonNode? variable in dashboard["templating"]!["list"]!.AsArray())
        {
            if ((string)variable!["type"]! == "datasource") variable.AsObject().Remove("current");
            else variable["allValue"] = ".+";
        }

        foreach (JsonNode? panel in dashboard["panels"]!.AsArray())
        {
            // What Grafana adds by itself at an import.
            JsonObject options = panel!["options"]!.AsObject();
            if ((string)panel["type"]! is "table")
            {
                options["frameIndex"] = 0;
                (options["footer"] as JsonObject)?.Remove("fields");
            }
            else if ((string)panel["type"]! is "piechart")
            {
                options["orientation"] = "auto";
                options["legend"]!["calcs"] = new JsonArray();
            }
        }

        return dashboard;
    }

    /// <summary>As it is written to a file.</summary>
    public static string Text(JsonObject dashboard) => dashboard.ToJsonString(Format) + "\n";

    private static JsonArray Links() =>
    [
        new JsonObject
        {
            ["title"] = "Overview",
            ["type"] = "link",
            ["icon"] = "dashboard",
            ["tooltip"] = "All services",
            ["url"] = $"/d/{Uids.Overview}",
            ["tags"] = new JsonArray(),
            ["asDropdown"] = false,
            ["targetBlank"] = false,
            ["includeVars"] = false,
            ["keepTime"] = true,
        },
        new JsonObject
        {
            ["title"] = "CI Runner Metrics",
            ["type"] = "dashboards",
            ["icon"] = "external link",
            ["tooltip"] = "The other dashboards",
            ["tags"] = new JsonArray(Tag),
            ["asDropdown"] = true,
            ["targetBlank"] = false,
            ["includeVars"] = false,
            ["keepTime"] = true,
        },
    ];

    private static JsonObject Annotations() => new()
    {
        ["list"] = new JsonArray(new JsonObject
        {
            ["builtIn"] = 1,
            ["datasource"] = new JsonObject { ["type"] = "grafana", ["uid"] = "-- Grafana --" },
            ["enable"] = true,
            ["hide"] = true,
            ["iconColor"] = "rgba(0, 211, 255, 1)",
            ["name"] = "Annotations & Alerts",
            ["type"] = "dashboard",
        }),
    };

    private static JsonArray Variables(Dashboard dashboard) =>
    [
        new JsonObject
        {
            ["name"] = "datasource",
            ["label"] = "Data source",
            ["type"] = "datasource",
            ["query"] = "prometheus",
            ["hide"] = 0,
            ["includeAll"] = false,
            ["multi"] = false,
            ["options"] = new JsonArray(),
            ["refresh"] = 1,
            ["regex"] = "",
            ["skipUrlSync"] = false,
        },
        Choice("job", "Job", $"label_values({dashboard.JobMetric}, job)", ".+"),
        Choice("instance", "Instance", $"label_values({OfJob(dashboard.JobMetric)}, instance)", ".+"),
        .. dashboard.Variables.Select(each => Choice(each.Name, each.Label, $$"""label_values({{each.Metric}}{job=~"$job", instance=~"$instance"}, {{each.Name}})""", each.All)),
    ];

    // Several metrics are a selector by themselves.
    private static string OfJob(string metric) => metric.EndsWith('}') ? metric[..^1] + ", job=~\"$job\"}" : metric + "{job=~\"$job\"}";

    private static JsonObject Choice(string name, string label, string query, string all) => new()
    {
        ["name"] = name,
        ["label"] = label,
        ["type"] = "query",
        ["datasource"] = PanelJson.DataSource(),
        ["query"] = query,
        // When the time range changes: what existed then is to be chosen.
        ["refresh"] = 2,
        ["sort"] = 1,
        ["multi"] = true,
        ["includeAll"] = true,
        ["allValue"] = all,
        ["current"] = new JsonObject { ["selected"] = true, ["text"] = new JsonArray("All"), ["value"] = new JsonArray("$__all") },
        ["options"] = new JsonArray(),
        ["regex"] = "",
        ["hide"] = 0,
        ["skipUrlSync"] = false,
    };

    private static JsonArray Panels(Dashboard dashboard)
    {
        JsonArray panels = [];
        int y = 0;
        foreach (Row row in dashboard.Rows)
        {
            panels.Add(new JsonObject
            {
                ["id"] = panels.Count + 1,
                ["type"] = "row",
                ["title"] = row.Title,
                ["collapsed"] = false,
                ["gridPos"] = Place(0, y++, 24, 1),
                ["panels"] = new JsonArray(),
            });
            int x = 0, height = 0;
            foreach (Panel panel in row.Panels)
            {
                if (x + panel.Width > 24) (x, y, height) = (0, y + height, 0);
                panels.Add(PanelJson.Of(panel, panels.Count + 1, Place(x, y, panel.Width, panel.Height)));
                (x, height) = (x + panel.Width, Math.Max(height, panel.Height));
            }

            y += height;
        }

        return panels;
    }

    private static JsonObject Place(int x, int y, int width, int height) => new() { ["x"] = x, ["y"] = y, ["w"] = width, ["h"] = height };

    private static JsonObject Requirement(string type, string id, string name, string version) => new() { ["type"] = type, ["id"] = id, ["name"] = name, ["version"] = version };
}
