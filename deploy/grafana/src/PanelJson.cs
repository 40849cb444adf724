using System.Text.Json.Nodes;

namespace CiMetrics.Dashboards;

/// <summary>Grafana's JSON of a panel.</summary>
internal static class PanelJson
{
    public static JsonObject DataSource() => new() { ["type"] = "prometheus", ["uid"] = "${datasource}" };

    public static JsonObject Of(Panel panel, int id, JsonObject place)
    {
        JsonObject json = new()
        {
            ["id"] = id,
            ["title"] = panel.Title,
            ["type"] = panel.Kind switch { PanelKind.Stat => "stat", PanelKind.Pie => "piechart", PanelKind.Table => "table", _ => "timeseries" },
            ["description"] = panel.Description,
            ["datasource"] = DataSource(),
            ["gridPos"] = place,
            ["fieldConfig"] = new JsonObject { ["defaults"] = Defaults(panel), ["overrides"] = Overrides(panel) },
            ["options"] = Options(panel),
            ["targets"] = new JsonArray([.. panel.Queries.Select((query, i) => Target(panel, query, RefId(i)))]),
        };
        if (panel.Kind == PanelKind.Table) json["transformations"] = OneTable(panel);
        if (panel.Opens is { } uid) json["links"] = new JsonArray(Link(uid));
        return json;
    }

    private static JsonObject Target(Panel panel, Query query, string refId) => new()
    {
        ["refId"] = refId,
        ["datasource"] = DataSource(),
        ["expr"] = query.Expression,
        ["legendFormat"] = panel.Kind == PanelKind.Table ? "" : query.Legend,
        ["instant"] = panel.IsInstant,
        ["range"] = !panel.IsInstant,
        ["format"] = panel.Kind == PanelKind.Table ? "table" : "time_series",
        ["editorMode"] = "code",
    };

    private static JsonObject Defaults(Panel panel)
    {
        JsonObject defaults = new()
        {
            ["unit"] = panel.Unit,
            // A figure that nobody has is absent; the words keep a panel from looking broken.
            ["noValue"] = "no data",
            ["mappings"] = panel.Words.Count == 0 ? [] : new JsonArray(Words(panel)),
            ["thresholds"] = new JsonObject
            {
                ["mode"] = "absolute",
                ["steps"] = new JsonArray([.. panel.Levels.Select(level => new JsonObject { ["color"] = level.Color, ["value"] = level.From })]),
            },
            ["color"] = new JsonObject { ["mode"] = panel.Kind is PanelKind.Stat or PanelKind.Table ? "thresholds" : "palette-classic" },
        };
        if (panel.Kind is PanelKind.Lines or PanelKind.Stack)
        {
            defaults["min"] = 0;
            defaults["custom"] = new JsonObject
            {
                ["drawStyle"] = "line",
                ["lineInterpolation"] = "linear",
                ["lineWidth"] = 1,
                ["fillOpacity"] = panel.Kind == PanelKind.Stack ? 40 : 10,
                ["showPoints"] = "never",
                ["spanNulls"] = false,
                ["stacking"] = new JsonObject { ["mode"] = panel.Kind == PanelKind.Stack ? "normal" : "none", ["group"] = "A" },
            };
        }

        return defaults;
    }

    private static JsonObject Words(Panel panel)
    {
        JsonObject options = [];
        foreach ((int value, string text, string color) in panel.Words)
            options[$"{value}"] = new JsonObject { ["text"] = text, ["color"] = color, ["index"] = options.Count };
        return new JsonObject { ["type"] = "value", ["options"] = options };
    }

    private static JsonObject Options(Panel panel) => panel.Kind switch
    {
        PanelKind.Stat => new JsonObject
        {
            ["colorMode"] = "value",
            ["graphMode"] = "none",
            ["justifyMode"] = "auto",
            ["orientation"] = "auto",
            ["percentChangeColorMode"] = "standard",
            ["reduceOptions"] = Reduce(),
            ["showPercentChange"] = false,
            ["textMode"] = panel.TextMode,
            ["wideLayout"] = true,
        },
        PanelKind.Pie => new JsonObject
        {
            ["pieType"] = "donut",
            ["displayLabels"] = new JsonArray("percent"),
            ["orientation"] = "auto",
            ["reduceOptions"] = Reduce(),
            ["tooltip"] = Tooltip("single"),
            ["legend"] = new JsonObject { ["displayMode"] = "table", ["placement"] = "right", ["showLegend"] = true, ["calcs"] = new JsonArray(), ["values"] = new JsonArray("value", "percent") },
        },
        PanelKind.Table => new JsonObject
        {
            ["frameIndex"] = 0,
            ["showHeader"] = true,
            ["cellHeight"] = "sm",
            ["footer"] = new JsonObject { ["show"] = false, ["reducer"] = new JsonArray("sum"), ["countRows"] = false },
        },
        _ => new JsonObject
        {
            ["legend"] = new JsonObject { ["displayMode"] = "list", ["placement"] = "bottom", ["showLegend"] = true, ["calcs"] = new JsonArray() },
            ["tooltip"] = Tooltip("multi"),
        },
    };

    private static JsonObject Reduce() => new() { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false };

    private static JsonObject Tooltip(string mode) => new() { ["mode"] = mode, ["sort"] = mode == "multi" ? "desc" : "none" };

    // Each query makes a table of its own; they become one, whose columns have the queries' names.
    private static JsonArray OneTable(Panel panel)
    {
        JsonObject names = [];
        for (int i = 0; i < panel.Queries.Length; i++) names[ValueColumn(panel, i)] = panel.Queries[i].Legend;
        return
        [
            new JsonObject { ["id"] = "merge", ["options"] = new JsonObject() },
            new JsonObject
            {
                ["id"] = "organize",
                ["options"] = new JsonObject { ["excludeByName"] = new JsonObject { ["Time"] = true }, ["indexByName"] = new JsonObject(), ["renameByName"] = names },
            },
        ];
    }

    private static JsonArray Overrides(Panel panel) => panel.Kind != PanelKind.Table
        ? []
        : new JsonArray(
        [
            .. panel.Queries.Select(query => new JsonObject
            {
                ["matcher"] = new JsonObject { ["id"] = "byName", ["options"] = query.Legend },
                ["properties"] = new JsonArray(new JsonObject { ["id"] = "unit", ["value"] = query.Unit }),
            }),
        ]);

    private static JsonObject Link(string uid) => new()
    {
        ["title"] = "Open the dashboard",
        ["type"] = "link",
        ["icon"] = "dashboard",
        ["tooltip"] = "",
        ["url"] = $"/d/{uid}",
        ["tags"] = new JsonArray(),
        ["asDropdown"] = false,
        ["targetBlank"] = false,
        ["includeVars"] = false,
        ["keepTime"] = true,
    };

    private static string ValueColumn(Panel panel, int query) => panel.Queries.Length == 1 ? "Value" : $"Value #{RefId(query)}";

    private static string RefId(int query) => ((char)('A' + query)).ToString();
}
