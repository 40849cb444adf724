using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>
/// Other people's schemas, from the folder <c>shared/schemas</c> beside the checkout. They are no package: a checkout
/// without that folder skips what needs them, by name, in CI as well.
/// </summary>
internal static class Schemas
{
    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "schemas"));

    /// <summary>Reads a document of schemas.</summary>
    public static JsonObject Read(params string[] path)
    {
        if (!Directory.Exists(Folder)) Assert.Ignore($"{Folder} is not there: it holds the schemas of Grafana and of Kubernetes");
        return JsonNode.Parse(File.ReadAllText(Path.Combine([Folder, .. path])))!.AsObject();
    }

    /// <summary>What is wrong with a value by one definition of a document, one line each.</summary>
    public static async Task<IReadOnlyList<string>> MistakesAsync(JsonObject document, string definition, JsonNode? value)
    {
        // As the document's root: a root that is a $ref alone is not followed.
        JsonObject root = document["definitions"]![definition]!.DeepClone().AsObject();
        root["definitions"] = document["definitions"]!.DeepClone();
        JsonSchema schema = await JsonSchema.FromJsonAsync(root.ToJsonString());
        return [.. schema.Validate(value?.ToJsonString() ?? "null").Select(error => $"{error.Path}: {error.Kind}")];
    }

    /// <summary>Refuses fields that no schema names, so that a misspelt one shows.</summary>
    public static JsonObject Closed(JsonObject document)
    {
        foreach ((_, JsonNode? definition) in document["definitions"]!.AsObject()) Close(definition);
        return document;
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? each in array) Close(each);
        }
        if (node is not JsonObject map) return;
        foreach ((_, JsonNode? child) in map.ToArray()) Close(child);
        if (map["properties"] is JsonObject && map["additionalProperties"] is null) map["additionalProperties"] = false;
        // What may be a number or a text is called a text.
        if (map["format"] is JsonValue format && format.GetValueKind() == System.Text.Json.JsonValueKind.String && (string?)format == "int-or-string") map["type"] = new JsonArray("string", "integer");
    }
}
