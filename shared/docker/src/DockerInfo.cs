using System.Text.Json.Serialization;

namespace CiMetrics.Docker;

/// <summary>What is used of <c>GET /info</c>: the engine's host.</summary>
public sealed record DockerInfo
{
    /// <summary>The engine's identifier.</summary>
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    /// <summary>The host name of the engine.</summary>
    public string? Name { get; init; }

    /// <summary>CPUs that the engine may use.</summary>
    [JsonPropertyName("NCPU")]
    public int? Cpus { get; init; }

    /// <summary>Bytes.</summary>
    public long? MemTotal { get; init; }

    /// <summary><c>1</c> or <c>2</c>; absent before API 1.41.</summary>
    public string? CgroupVersion { get; init; }
}

/// <summary>What <c>GET /_ping</c> tells.</summary>
/// <param name="EngineApiVersion">The newest version the engine speaks.</param>
/// <param name="ApiVersion">The version that is used with it.</param>
/// <param name="Server">The engine as it names itself, such as <c>Docker/20.10.24 (linux)</c>.</param>
/// <param name="EngineTime">The engine's clock, truncated to the second: a safe <c>since</c> for its events. Null when it sent none.</param>
public sealed record DockerPing(ApiVersion EngineApiVersion, ApiVersion ApiVersion, string? Server, DateTimeOffset? EngineTime);
