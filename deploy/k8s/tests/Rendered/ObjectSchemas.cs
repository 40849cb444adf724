using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// The API's own definitions with unknown fields refused, from the folder <c>shared/schemas</c> beside the checkout.
/// </summary>
internal static class ObjectSchemas
{
    private static readonly Lazy<JsonObject> Definitions = new(() => Closed(Read("kubernetes-1.36-definitions.json")["definitions"]!.DeepClone().AsObject()));
    private static readonly Lazy<JsonObject> Operator = new(() => Read("prometheus-operator-crds.json")["schemas"]!.AsObject());
    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Schemas = new(StringComparer.Ordinal);

    private static string Folder => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "schemas"));

    /// <summary>Skips the test, by name, in a checkout that has no schemas beside it. They are no package: CI may lack them as well.</summary>
    public static void Need()
    {
        if (!Directory.Exists(Folder)) Assert.Ignore($"{Folder} is not there: the Kubernetes API's definitions are looked for in it");
    }

    /// <summary>What is wrong with an object, one line each.</summary>
    public static async Task<IReadOnlyList<string>> MistakesAsync(string apiVersion, string kind, JsonNode body)
    {
        JsonSchema schema = await Schemas.GetOrAdd($"{apiVersion}/{kind}", _ => JsonSchema.FromJsonAsync(SchemaOf(apiVersion, kind).ToJsonString()));
        return [.. schema.Validate(body.ToJsonString()).Select(error => $"{error.Path}: {error.Kind}")];
    }

    /// <summary>The same for a part of an object, by the name of its definition, such as <c>PodTemplateSpec</c>.</summary>
    public static async Task<IReadOnlyList<string>> MistakesOfPartAsync(string definition, JsonNode body)
    {
        JsonSchema schema = await Schemas.GetOrAdd(definition, name =>
            JsonSchema.FromJsonAsync(Rooted(Definitions.Value.Single(each => each.Key.EndsWith($".core.v1.{name}", StringComparison.Ordinal)).Value!).ToJsonString()));
        return [.. schema.Validate(body.ToJsonString()).Select(error => $"{error.Path}: {error.Kind}")];
    }

    private static JsonObject SchemaOf(string apiVersion, string kind)
    {
        if (Operator.Value[$"{apiVersion}/{kind}"] is { } crd)
        {
            JsonObject resource = Closed(crd.DeepClone().AsObject());
            resource["properties"]!["metadata"] = new JsonObject { ["type"] = "object" };
            return resource;
        }

        string[] group = apiVersion.Split('/');
        bool IsIt(JsonNode? gvk) => (string)gvk!["kind"]! == kind && (string)gvk["version"]! == group[^1] && (string)gvk["group"]! == (group.Length == 1 ? "" : group[0]);
        JsonNode definition = Definitions.Value.Select(pair => pair.Value!).SingleOrDefault(each => each["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Any(IsIt))
            ?? throw new AssertionException($"there is no schema of {apiVersion} {kind}");
        return Rooted(definition);
    }

    /// <summary>A definition as a document's root: a root that is a $ref alone is not followed.</summary>
    private static JsonObject Rooted(JsonNode definition)
    {
        JsonObject root = definition.DeepClone().AsObject();
        root["definitions"] = Definitions.Value.DeepClone();
        return root;
    }

    private static JsonObject Read(string file)
    {
        Need();
        return JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!.AsObject();
    }

    private static JsonObject Closed(JsonObject schema)
    {
        Close(schema);
        return schema;
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? each in array) Close(each);
        }

        if (node is not JsonObject map) return;
        foreach ((string _, JsonNode? child) in map.ToArray()) Close(child);
        bool isSchema = map["properties"] is JsonObject && (map["type"] is null || map["type"] is JsonValue);
        if (isSchema && map["additionalProperties"] is null && map["x-kubernetes-preserve-unknown-fields"] is null) map["additionalProperties"] = false;
        // Numbers are texts here and there, by what the API takes.
        if (map["format"] is JsonValue format && (string?)format == "int-or-string") map["type"] = new JsonArray("string", "integer");
    }
}
