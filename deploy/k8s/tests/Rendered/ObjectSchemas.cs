using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CiMetrics.Testing;
using NJsonSchema;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// The API's own definitions with unknown fields refused, of <see cref="PublishedSchemas"/>.
/// </summary>
internal static class ObjectSchemas
{
    private static readonly Lazy<JsonObject> Definitions = new(() => PublishedSchemas.Closed(PublishedSchemas.Read("kubernetes-1.36-definitions.json")["definitions"]!.DeepClone().AsObject()));
    private static readonly Lazy<JsonObject> Operator = new(() => PublishedSchemas.Read("prometheus-operator-crds.json")["schemas"]!.AsObject());
    private static readonly ConcurrentDictionary<string, Task<JsonSchema>> Schemas = new(StringComparer.Ordinal);

    /// <summary>What is wrong with an object, one line each.</summary>
    public static async Task<IReadOnlyList<string>> MistakesAsync(string apiVersion, string kind, JsonNode body)
    {
        JsonSchema schema = await Schemas.GetOrAdd($"{apiVersion}/{kind}", _ => SchemaOfAsync(apiVersion, kind));
        return PublishedSchemas.Mistakes(schema, body);
    }

    /// <summary>The same for a part of an object, by the name of its definition, such as <c>PodTemplateSpec</c>.</summary>
    public static async Task<IReadOnlyList<string>> MistakesOfPartAsync(string definition, JsonNode body)
    {
        JsonSchema schema = await Schemas.GetOrAdd(definition, name =>
            PublishedSchemas.RootedAsync(Definitions.Value.Single(each => each.Key.EndsWith($".core.v1.{name}", StringComparison.Ordinal)).Value!, Definitions.Value));
        return PublishedSchemas.Mistakes(schema, body);
    }

    private static Task<JsonSchema> SchemaOfAsync(string apiVersion, string kind)
    {
        if (Operator.Value[$"{apiVersion}/{kind}"] is { } crd)
        {
            JsonObject resource = PublishedSchemas.Closed(crd.DeepClone().AsObject());
            resource["properties"]!["metadata"] = new JsonObject { ["type"] = "object" };
            return JsonSchema.FromJsonAsync(resource.ToJsonString());
        }

        string[] group = apiVersion.Split('/');
        bool IsIt(JsonNode? gvk) => (string)gvk!["kind"]! == kind && (string)gvk["version"]! == group[^1] && (string)gvk["group"]! == (group.Length == 1 ? "" : group[0]);
        JsonNode definition = Definitions.Value.Select(pair => pair.Value!).SingleOrDefault(each => each["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Any(IsIt))
            ?? throw new AssertionException($"there is no schema of {apiVersion} {kind}");
        return PublishedSchemas.RootedAsync(definition, Definitions.Value);
    }
}
