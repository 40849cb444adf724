using System.Text;
using System.Text.Json;

namespace CiMetrics.Receiver.Events;

/// <summary>Events in JSON: one object, or an array of objects. Values are texts; numbers are taken as they are written.</summary>
internal static class JsonEvents
{
    /// <summary>The most events in one request.</summary>
    public const int MostEvents = 5000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 16 };

    /// <summary>Reads a body.</summary>
    /// <param name="body">UTF-8.</param>
    /// <param name="events">The events in their order.</param>
    /// <param name="isArray">Whether they came as an array.</param>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public static Refusal? Read(ReadOnlySpan<byte> body, List<RawEvent> events, out bool isArray)
    {
        isArray = false;
        Utf8JsonReader reader = new(body.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body, Options);
        try
        {
            if (!reader.Read()) return Refusal.Body("must not be empty");
            isArray = reader.TokenType == JsonTokenType.StartArray;
            Refusal? refusal = isArray ? ReadArray(ref reader, events) : ReadOne(ref reader, new RawEvent(), events);
            if (refusal is not null) return refusal;
            reader.Read();
            return events.Count == 0 ? Refusal.Body("must hold at least one event") : null;
        }
        catch (JsonException exception)
        {
            return Refusal.Body($"must be JSON: {(body.IsEmpty ? "it is empty" : $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} is not")}");
        }
        catch (InvalidOperationException)
        {
            return Refusal.Body("must be valid Unicode (UTF-8, without halves of surrogate pairs)");
        }
    }

    private static Refusal? ReadArray(ref Utf8JsonReader reader, List<RawEvent> events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (events.Count == MostEvents) return Refusal.TooLarge($"must hold at most {MostEvents} events");
            if (ReadOne(ref reader, new RawEvent($"[{events.Count}]"), events) is { } refusal) return refusal;
        }

        return null;
    }

    private static Refusal? ReadOne(ref Utf8JsonReader reader, RawEvent raw, List<RawEvent> events)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return raw.NoObject(Encoding.UTF8.GetString(reader.ValueSpan));
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            reader.Read();
            bool known = EventFields.Find(name) is not null;
            string? value = null;
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    value = reader.GetString();
                    break;
                case JsonTokenType.Number:
                    value = Encoding.ASCII.GetString(reader.ValueSpan);
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    if (known) return Refusal.Bad(raw.PathOf(name), Encoding.UTF8.GetString(reader.ValueSpan), "must be a text");
                    reader.Skip();
                    break;
            }

            if ((value is not null || !known) && raw.Set(name, value) is { } refusal) return refusal;
        }

        events.Add(raw);
        return null;
    }
}
