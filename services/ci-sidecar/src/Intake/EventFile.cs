using System.Text.Json;
using System.Text.Unicode;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Reads the three shapes of a job's file: one object, an array of objects, or one object per line.</summary>
internal static class EventFile
{
    /// <summary>The longest file that is read, in bytes.</summary>
    public const int LongestFile = 1 << 20;

    // As deep as the receiver reads.
    private const int DeepestNesting = 16;

    /// <summary>Reads the content.</summary>
    public static ParsedFile Parse(ReadOnlyMemory<byte> content)
    {
        if (content.Span.StartsWith("\uFEFF"u8)) content = content[3..];
        if (content.Span.Trim(" \t\r\n"u8).IsEmpty) return Refused("it is empty");
        if (!Utf8.IsValid(content.Span)) return Refused("it is not UTF-8");
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
        catch (InvalidOperationException)
        {
            return Refused("a text in it holds half of a surrogate pair");
        }
    }

    private static List<JsonElement> Values(ReadOnlyMemory<byte> content)
    {
        JsonReaderOptions options = new() { MaxDepth = DeepestNesting, AllowMultipleValues = true };
        // A text that cannot be read throws when it is asked for: let it be here.
        Utf8JsonReader texts = new(content.Span, options);
        while (texts.Read())
        {
            if (texts.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && texts.ValueIsEscaped) _ = texts.GetString();
        }
        List<JsonElement> values = [];
        Utf8JsonReader reader = new(content.Span, options);
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
