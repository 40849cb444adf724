using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CiMetrics.Sidecar.Intake;

/// <summary>An event of a job's file as it is sent.</summary>
/// <param name="Key">Stands for it at the receiver.</param>
/// <param name="Json">The JSON object.</param>
/// <param name="Unusable">The id that the job gave and the receiver would not take, so that another stands in its place; null where there is none.</param>
internal sealed record EventBody(string Key, byte[] Json, string? Unusable)
{
    // What the receiver takes as an id.
    private const int LongestKey = 256;

    /// <summary>Completes an event: what it leaves unexpanded, when it finished, and its key.</summary>
    /// <param name="item">The event as the job wrote it.</param>
    /// <param name="index">Its place in the file.</param>
    /// <param name="origin">Stands for the file: a key that the job does not give follows from it, the place and the event.</param>
    /// <param name="written">When the job wrote the file, which was its last act.</param>
    /// <param name="variables">Fill what is unexpanded; null for a file of another job.</param>
    public static EventBody Complete(JsonElement item, int index, string origin, DateTimeOffset written, JobVariables? variables)
    {
        string? given = GivenKey(item, variables);
        bool isUsable = given is not null && IsUsable(given);
        string key = isUsable ? given! : KeyOf(item, index, origin);
        ArrayBufferWriter<byte> buffer = new(512);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, key);
            bool hasFinished = false;
            foreach (JsonProperty property in item.EnumerateObject())
            {
                if (property.NameEquals("id"u8)) continue;
                hasFinished |= property.NameEquals("finished"u8);
                if (property.Value.ValueKind == JsonValueKind.String && variables?.Filled(property.Name, property.Value.GetString()!) is { } filled)
                    writer.WriteString(property.Name, filled);
                else
                    property.WriteTo(writer);
            }
            if (!hasFinished)
                writer.WriteString("finished"u8, written.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        return new EventBody(key, buffer.WrittenSpan.ToArray(), isUsable || string.IsNullOrEmpty(given) ? null : given);
    }

    private static string? GivenKey(JsonElement item, JobVariables? variables)
    {
        if (!item.TryGetProperty("id"u8, out JsonElement id)) return null;
        string text = id.ValueKind == JsonValueKind.String ? id.GetString()! : id.ValueKind == JsonValueKind.Null ? "" : id.GetRawText();
        return variables?.Filled("id", text) ?? text;
    }

    // Every job would have the name of the variable: all but the first would be taken for repetitions.
    private static bool IsUsable(string key) =>
        key.Length is > 0 and <= LongestKey && !key.Any(char.IsControl) && !key.Contains("CI_JOB_ID", StringComparison.Ordinal) && key[0] is not ('{' or '[');

    private static string KeyOf(JsonElement item, int index, string origin) =>
        "file-" + ContentDigest.Of(string.Create(CultureInfo.InvariantCulture, $"{origin} {index}\n"), JsonMarshal.GetRawUtf8Value(item));
}
