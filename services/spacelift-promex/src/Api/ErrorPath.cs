using System.Text.Json;
using System.Text.Json.Serialization;

namespace CiMetrics.Spacelift.Api;

/// <summary>Reads the path of an error as <c>metrics.stacksCountByState.0</c>; null where it is no path.</summary>
internal sealed class ErrorPath : JsonConverter<string?>
{
    private const int MostSteps = 10;

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }
        List<string> steps = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? step = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number => reader.TryGetInt64(out long index) ? index.ToString(System.Globalization.CultureInfo.InvariantCulture) : "?",
                _ => "?",
            };
            reader.Skip();
            if (steps.Count < MostSteps) steps.Add(step!);
        }
        return string.Join('.', steps);
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
