using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;
using NJsonSchema.Validation;

namespace CiMetrics.Testing;

/// <summary>
/// Other people's schemas (Grafana's, the Kubernetes API's), from the folder <c>shared/schemas</c> beside the checkout. They are
/// no package: a checkout without that folder skips what needs them, by name, in CI as well.
/// </summary>
public static class PublishedSchemas
{
    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "schemas"));

    /// <summary>Skips the test where the folder is not there.</summary>
    public static void Need()
    {
        if (!Directory.Exists(Folder)) Assert.Ignore($"{Folder} is not there: it holds the schemas of Grafana and of Kubernetes");
    }

    /// <summary>Reads a document of schemas.</summary>
    public static JsonObject Read(params string[] path)
    {
        Need();
        return JsonNode.Parse(File.ReadAllText(Path.Combine([Folder, .. path])))!.AsObject();
    }

    /// <summary>One definition of a document.</summary>
    public static Task<JsonSchema> DefinitionAsync(JsonObject document, string definition) =>
        RootedAsync(document["definitions"]![definition]!, document["definitions"]!);

    /// <summary>A definition as a document's root: a root that is a $ref alone is not followed.</summary>
    public static Task<JsonSchema> RootedAsync(JsonNode definition, JsonNode definitions)
    {
        JsonObject root = definition.DeepClone().AsObject();
        root["definitions"] = definitions.DeepClone();
        return JsonSchema.FromJsonAsync(root.ToJsonString());
    }

    /// <summary>What is wrong with a value, one line each: path and kind of mistake, of each alternative that was tried.</summary>
    public static IReadOnlyList<string> Mistakes(JsonSchema schema, JsonNode? value) =>
        [.. schema.Validate(value?.ToJsonString() ?? "null").SelectMany(Leaves).Distinct(StringComparer.Ordinal)];

    /// <summary>Refuses fields that no schema names, so that a misspelt one shows. Changes the document, and gives it back.</summary>
    public static JsonObject Closed(JsonObject document)
    {
        Close(document);
        return document;
    }

    private static IEnumerable<string> Leaves(ValidationError error) =>
        error is ChildSchemaValidationError parent ? parent.Errors.SelectMany(each => each.Value).SelectMany(Leaves) : [$"{error.Path}: {error.Kind}"];

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? each in array) Close(each);
        }
        if (node is not JsonObject map) return;
        foreach ((string _, JsonNode? child) in map.ToArray()) Close(child);
        // A property may be called "properties": that is no schema.
        bool isSchema = map["properties"] is JsonObject && (map["type"] is null || map["type"] is JsonValue);
        if (isSchema && map["additionalProperties"] is null && map["x-kubernetes-preserve-unknown-fields"] is null) map["additionalProperties"] = false;
        // What may be a number or a text is called a text.
        if (map["format"] is JsonValue format && format.GetValueKind() == JsonValueKind.String && (string?)format == "int-or-string") map["type"] = new JsonArray("string", "integer");
    }
}
