using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiMetrics.Testing;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>values.schema.json, written from values.yaml and value-types.json (where <c>fields</c> is an object that has these keys and no others).</summary>
internal static class ValuesSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<string> WriteAsync()
    {
        IReadOnlyList<ValueEntry> all = await ValueEntry.ReadAsync();
        ValueEntry defaults = all.Single(entry => entry.Name == "defaults");
        JsonObject schema = Group([.. all.Select(entry => IsComponent(entry) ? Joined(defaults, entry) : entry)]);
        schema["$schema"] = "http://json-schema.org/draft-07/schema#";
        schema["title"] = "Values of ci-runner-metrics";
        // Helm puts it there for charts that this one might be a part of.
        schema["properties"]!["global"] = new JsonObject { ["type"] = "object" };
        JsonObject types = JsonNode.Parse(await File.ReadAllTextAsync(Repository.PathOf("deploy", "k8s", "tests", "Chart", "value-types.json")))!.AsObject();
        schema["definitions"] = new JsonObject(types.Select(type => KeyValuePair.Create(type.Key, (JsonNode?)Expanded(type.Value!))));
        return schema.ToJsonString(Indented) + "\n";
    }

    /// <summary>What can be enabled and has the keys of defaults as well.</summary>
    public static bool IsComponent(ValueEntry entry) => entry.Children.Any(child => child.Name == "image");

    private static ValueEntry Joined(ValueEntry defaults, ValueEntry own)
    {
        IEnumerable<ValueEntry> onlyOwn = own.Children.Where(child => defaults.Children.All(other => other.Name != child.Name));
        IEnumerable<ValueEntry> shared = defaults.Children.Select(child =>
            own.Children.FirstOrDefault(other => other.Name == child.Name) is not { } over ? child : child.Type == "group" ? Joined(child, over) : over);
        return own with { Children = [.. onlyOwn, .. shared] };
    }

    private static JsonObject Group(IReadOnlyList<ValueEntry> entries) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Name, (JsonNode?)(entry.Type == "group" ? Group(entry.Children) : Reference(entry.Type))))),
    };

    private static JsonObject Reference(string type) => new() { ["$ref"] = $"#/definitions/{type}" };

    private static JsonNode Expanded(JsonNode type)
    {
        JsonNode copy = type.DeepClone();
        if (copy["items"] is { } items) copy["items"] = Expanded(items);
        if (copy["fields"] is not JsonObject fields) return copy;
        return new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Reference((string)field.Value!)))),
        };
    }
}
