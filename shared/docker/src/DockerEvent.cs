using System.Globalization;
using System.Text.Json.Serialization;

namespace CiMetrics.Docker;

/// <summary>Something that happened to a container.</summary>
/// <param name="Action"><c>create start die oom update pause unpause destroy rename</c>, or another the engine sends.</param>
/// <param name="Id">The container's id.</param>
/// <param name="Name">Its name without a slash; empty when the engine did not say.</param>
/// <param name="Attributes">The engine's attributes: image, labels, exitCode, signal...</param>
/// <param name="TimeNano">When, in nanoseconds since 1970 on the engine's clock; 0 when the engine did not say.</param>
public sealed record DockerEvent(string Action, string Id, string Name, IReadOnlyDictionary<string, string> Attributes, long TimeNano)
{
    /// <summary>Of a <c>die</c>: the exit code of PID 1.</summary>
    public int? ExitCode =>
        Attributes.TryGetValue("exitCode", out string? text) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int code) ? code : null;
}

/// <summary>A line of <c>GET /events</c>. From API 1.52 <c>status</c> and <c>id</c> are gone, before 1.22 the others did not exist.</summary>
internal sealed record DockerEventLine
{
    public string? Type { get; init; }

    public string? Action { get; init; }

    public DockerEventActor? Actor { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("id")]
    public string? OldId { get; init; }

    [JsonPropertyName("time")]
    public long? Time { get; init; }

    [JsonPropertyName("timeNano")]
    public long? TimeNano { get; init; }

    /// <summary>The event, or null when it is not about a container.</summary>
    public DockerEvent? ToEvent()
    {
        string? action = Action ?? Status;
        string? id = Actor?.Id ?? OldId;
        if (Type is not (null or "container") || string.IsNullOrEmpty(action) || string.IsNullOrEmpty(id)) return null;
        Dictionary<string, string> attributes = Actor?.Attributes ?? [];
        string name = attributes.GetValueOrDefault("name", "").TrimStart('/');
        return new DockerEvent(action, id, name, attributes, TimeNano ?? (Time ?? 0) * 1_000_000_000);
    }
}

internal sealed record DockerEventActor
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    public Dictionary<string, string>? Attributes { get; init; }
}
