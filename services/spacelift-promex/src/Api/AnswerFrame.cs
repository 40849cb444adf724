using System.Text.Json;

namespace CiMetrics.Spacelift.Api;

/// <summary>The frame of every GraphQL answer: where its data is, and its errors. Nothing is copied.</summary>
internal readonly ref struct AnswerFrame
{
    // Whoever reads of more errors learns nothing new.
    private const int MostErrors = 10;

    private AnswerFrame(ReadOnlySpan<byte> data, IReadOnlyList<AnswerError> errors)
    {
        Data = data;
        Errors = errors;
    }

    /// <summary>The JSON of <c>data</c>; empty where there is none or it is null.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The first errors.</summary>
    public IReadOnlyList<AnswerError> Errors { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static AnswerFrame Read(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body);
        ReadOnlySpan<byte> data = default;
        List<AnswerError> errors = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isData = reader.ValueTextEquals("data"u8);
            bool areErrors = reader.ValueTextEquals("errors"u8);
            reader.Read();
            if (areErrors && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadErrors(ref reader, errors);
                continue;
            }
            int start = (int)reader.TokenStartIndex;
            bool isNull = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            if (isData) data = isNull ? default : body[start..(int)reader.BytesConsumed];
        }
        // Throws at what follows, but for white space.
        reader.Read();
        return new AnswerFrame(data, errors);
    }

    private static void ReadErrors(ref Utf8JsonReader reader, List<AnswerError> errors)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (errors.Count == MostErrors) reader.Skip();
            else errors.Add(JsonSerializer.Deserialize(ref reader, ApiJson.Default.AnswerError) ?? new AnswerError());
        }
    }
}
