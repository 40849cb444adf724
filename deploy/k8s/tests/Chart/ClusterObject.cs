using System.Text.Json.Nodes;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>An object as it goes to a cluster.</summary>
/// <param name="Source">The template that it came from.</param>
/// <param name="Body">All of it.</param>
internal sealed record ClusterObject(string Source, JsonObject Body)
{
    public string ApiVersion => (string)Body["apiVersion"]!;

    public string Kind => (string)Body["kind"]!;

    public string Name => (string)Body["metadata"]!["name"]!;

    public IReadOnlyDictionary<string, string> Labels => Strings(Body["metadata"]!["labels"]);

    public JsonObject Spec => Body["spec"]!.AsObject();

    /// <summary>Whether it makes pods, or is one.</summary>
    public bool HasPod => Kind is "DaemonSet" or "Deployment" or "StatefulSet" or "Pod";

    /// <summary>Whether it keeps pods running.</summary>
    public bool IsWorkload => HasPod && Kind != "Pod";

    /// <summary>Its pod's metadata and spec.</summary>
    public JsonNode Pod => Kind == "Pod" ? Body : Spec["template"]!;

    public JsonObject PodSpec => Pod["spec"]!.AsObject();

    public IReadOnlyDictionary<string, string> PodLabels => Strings(Pod["metadata"]!["labels"]);

    public IEnumerable<JsonObject> Containers => List(PodSpec["initContainers"]).Concat(List(PodSpec["containers"]));

    /// <summary>The component, which is what its Dockerfile and its row in documents go by.</summary>
    public string Component => Labels.GetValueOrDefault("app.kubernetes.io/component", "");

    public override string ToString() => $"{Kind} {Name}";

    /// <summary>A list that may be absent.</summary>
    public static IEnumerable<JsonObject> List(JsonNode? node) => node is JsonArray array ? array.Select(each => each!.AsObject()) : [];

    /// <summary>A list of texts that may be absent.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? node) => node is JsonArray array ? [.. array.Select(each => (string)each!)] : [];

    /// <summary>A map of texts that may be absent.</summary>
    public static IReadOnlyDictionary<string, string> Strings(JsonNode? node) =>
        node is JsonObject map ? map.ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal) : new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether labels have everything that a selector asks for.</summary>
    public static bool Selects(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        Strings(selector) is { Count: > 0 } wanted && wanted.All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value);
}
