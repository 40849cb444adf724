using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>A dashboard as it lies in <c>deploy/grafana</c>.</summary>
internal sealed record DashboardFile(string Path)
{
    public static string Folder { get; } = Repository.PathOf("deploy", "grafana");

    /// <summary>In the form for provisioning, which is the one that the rules hold for.</summary>
    public static IReadOnlyList<DashboardFile> Provisioned { get; } = In(System.IO.Path.Combine(Folder, DashboardFiles.ProvisionedFolder));

    /// <summary>In the form for import by hand.</summary>
    public static IReadOnlyList<DashboardFile> Importable { get; } = In(Folder);

    public string Name => System.IO.Path.GetFileName(Path);

    public JsonObject Json { get; } = JsonNode.Parse(File.ReadAllText(Path))!.AsObject();

    public IReadOnlyList<JsonObject> Panels => [.. Objects(Json["panels"]).Where(panel => (string)panel["type"]! != "row")];

    public IReadOnlyList<JsonObject> Variables => [.. Objects(Json["templating"]!["list"])];

    /// <summary>Every expression with its panel.</summary>
    public IEnumerable<PanelQuery> Queries => Panels.SelectMany(panel => Objects(panel["targets"]).Select(target => new PanelQuery(Name, (string)panel["title"]!, (string)target["expr"]!, (bool?)target["instant"] ?? false)));

    public override string ToString() => Name;

    public static IEnumerable<JsonObject> Objects(JsonNode? array) => array is null ? [] : array.AsArray().Select(item => item!.AsObject());

    private static DashboardFile[] In(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*-dashboard.json").Order(StringComparer.Ordinal).Select(path => new DashboardFile(path))];
}

/// <summary>An expression of a panel.</summary>
internal sealed record PanelQuery(string File, string Panel, string Expression, bool IsInstant)
{
    public override string ToString() => $"{Panel}: {Expression}";
}
