using System.Text.Json.Serialization;

namespace CiMetrics.Docker;

/// <summary>The engine's JSON: names as the Go structures spell them.</summary>
[JsonSerializable(typeof(DockerContainer))]
[JsonSerializable(typeof(DockerContainerSummary[]))]
[JsonSerializable(typeof(DockerInfo))]
[JsonSerializable(typeof(DockerEventLine))]
[JsonSerializable(typeof(DockerErrorBody))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class DockerJson : JsonSerializerContext;

/// <summary>The statistics are the one answer in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DockerStats))]
internal sealed partial class DockerStatsJson : JsonSerializerContext;

/// <summary>The body of every answer that is not a success.</summary>
internal sealed record DockerErrorBody
{
    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
