using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CiMetrics.Durable;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Completes an event of a job's file: what it leaves unexpanded, when it finished, and its key.</summary>
internal static class EventBody
{
    private const int LongestKey = 200;

    /// <summary>Gives the key and the JSON object to send.</summary>
    /// <param name="item">The event as the job wrote it.</param>
    /// <param name="index">Its place in the file.</param>
    /// <param name="file">The file: a key that the job does not give follows from it, so that the same file gives the same key to every sidecar.</param>
    /// <param name="content">The file's content.</param>
    /// <param name="variables">Fill what is unexpanded; null for a file of another job.</param>
    public static (string Key, byte[] Body) Complete(JsonElement item, int index, FileIdentity file, ReadOnlySpan<byte> content, JobVariables? variables)
    {
        string key = GivenKey(item, variables) ?? KeyOf(file, content, index);
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
            // The job's last act was to write the file.
            if (!hasFinished)
                writer.WriteString("finished"u8, file.Modified.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        return (key, buffer.WrittenSpan.ToArray());
    }

    private static string? GivenKey(JsonElement item, JobVariables? variables)
    {
        if (!item.TryGetProperty("id"u8, out JsonElement id)) return null;
        string text = id.ValueKind switch
        {
            JsonValueKind.String => id.GetString()!,
            JsonValueKind.Number => id.GetRawText(),
            _ => "",
        };
        text = variables?.Filled("id", text) ?? text;
        bool isPlain = text.Length is > 0 and <= LongestKey && text.All(c => c is > ' ' and < '\x7f') && !text.Contains("CI_JOB_ID", StringComparison.Ordinal);
        return isPlain ? text : null;
    }

    private static string KeyOf(FileIdentity file, ReadOnlySpan<byte> content, int index) =>
        "file-" + ContentDigest.Of(string.Create(CultureInfo.InvariantCulture, $"{file.Inode} {file.ModifiedNanoseconds} {index}\n"), content);
}
