using System.Text.Json;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>The members of a line that is a JSON object.</summary>
internal static class JsonFields
{
    /// <summary>Finds the value of a member, a text or a number; escapes in it stay as they are.</summary>
    public static bool TryGet(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        Utf8JsonReader reader = new(line);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                bool isIt = reader.ValueTextEquals(key);
                if (!reader.Read()) return false;
                if (isIt && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
                {
                    value = reader.ValueSpan;
                    return true;
                }
                reader.TrySkip();
            }
        }
        catch (JsonException)
        {
            // A line that is no JSON has no fields; who reads lines has counted it as not understood.
        }
        return false;
    }
}
