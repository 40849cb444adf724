using System.Text.Json;
using System.Text.Json.Serialization;

namespace CiMetrics.Spacelift.Webhooks;

/// <summary>A run that came into a state, as Spacelift reports it. Times are unix seconds, or milliseconds.</summary>
internal sealed record RunEvent(string? State = null, long StateVersion = 0, long Timestamp = 0, WebhookRun? Run = null, string? Account = null)
{
    // No time before the year 5138 has so many seconds.
    private const long FirstMilliseconds = 100_000_000_000;

    /// <summary>How long after its creation the run came into the state, in seconds; null where that is not known.</summary>
    [JsonIgnore]
    public double? Age => Timestamp > 0 && Run is { CreatedAt: > 0 } run && Seconds(Timestamp) >= Seconds(run.CreatedAt) ? Seconds(Timestamp) - Seconds(run.CreatedAt) : null;

    /// <summary>Reads a body; null where it is no JSON of this kind. What is about no run has no <see cref="Run"/>.</summary>
    public static RunEvent? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, WebhookJson.Default.RunEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double Seconds(long time) => time >= FirstMilliseconds ? time / 1000.0 : time;
}

/// <summary>The run of an event.</summary>
internal sealed record WebhookRun(string? Id = null, string? Type = null, long CreatedAt = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunEvent))]
internal sealed partial class WebhookJson : JsonSerializerContext;
