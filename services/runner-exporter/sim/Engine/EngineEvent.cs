using System.Text.Json.Nodes;

namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>One event of a container, as <c>/events</c> tells it.</summary>
internal sealed record EngineEvent(string Action, string Id, IReadOnlyDictionary<string, string> Attributes, long TimeNano)
{
    private static readonly Version WithoutLegacyFields = new(1, 52);

    public JsonObject ToJson(Version api)
    {
        var json = new JsonObject();
        if (api < WithoutLegacyFields)
        {
            json["status"] = Action;
            json["id"] = Id;
            json["from"] = Attributes["image"];
        }

        var attributes = new JsonObject();
        foreach (var (name, value) in Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
            attributes[name] = value;
#pragma warning disable CA1507 // These names are the wire's, whatever the properties here are called.
        json["Type"] = "container";
        json["Action"] = Action;
        json["Actor"] = new JsonObject { ["ID"] = Id, ["Attributes"] = attributes };
#pragma warning restore CA1507
        json["scope"] = "local";
        json["time"] = TimeNano / 1_000_000_000;
        json["timeNano"] = TimeNano;
        return json;
    }
}
