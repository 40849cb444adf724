using System.Text.Json;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Reads the three shapes of a job's file: one object, an array of objects, or one object per line.</summary>
internal static class EventFile
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int LongestFile = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4 };

    /// <summary>Reads the content.</summary>
    public static ParsedFile Parse(ReadOnlyMemory<byte> content)
    {
        if (content.Span.StartsWith("\uFEFF"u8)) content = content[3..];
        if (content.Span.Trim(" \t\r\n"u8).IsEmpty) return Refused("it is empty");
        try
        {
            List<JsonElement> events = [];
            foreach (JsonElement value in Values(content))
            {
                if (value.ValueKind == JsonValueKind.Array && events.Count == 0) events.AddRange(value.EnumerateArray());
                else events.Add(value);
            }
            if (events.FindIndex(item => item.ValueKind != JsonValueKind.Object) is >= 0 and int index)
                return Refused($"event {index + 1} is {Described(events[index].ValueKind)}, not an object");
            return events.Count == 0 ? Refused("its array is empty") : new ParsedFile(events, null);
        }
        catch (JsonException exception)
        {
            return Refused($"it is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
        }
    }

    private static List<JsonElement> Values(ReadOnlyMemory<byte> content)
    {
        List<JsonElement> values = [];
        Utf8JsonReader reader = new(content.Span, new JsonReaderOptions { MaxDepth = Strict.MaxDepth, AllowMultipleValues = true });
        while (reader.Read())
            values.Add(JsonElement.ParseValue(ref reader));
        return values;
    }

    private static string Described(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static ParsedFile Refused(string problem) => new([], problem);
}
