using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace CiMetrics.Hosting;

/// <summary>Writes one JSON object per line with the same fields as <see cref="LogfmtFormatter"/>.</summary>
internal sealed class JsonLinesFormatter : ITextFormatter
{
    // The lines go to a terminal or a log store, never into HTML: only what JSON itself needs is escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("ts", LogFields.Timestamp(logEvent));
            json.WriteString("level", LogFields.Level(logEvent));
            json.WriteString("msg", Valid(LogFields.Message(logEvent)));
            foreach (var (name, value) in LogFields.Of(logEvent))
                Write(json, name is "ts" or "level" or "msg" ? "field_" + name : name, value);
            json.WriteEndObject();
        }
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n");
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Valid(value.ToString()!));
                break;
        }
    }

    // Half a surrogate pair cannot be written as UTF-8.
    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
