using System.Buffers;
using System.Text.Json;

namespace CiMetrics.Spacelift.Api;

/// <summary>Writes GraphQL requests and reads their answers.</summary>
internal static class GraphQl
{
    // What Spacelift says to keys that a listing is closed to, and what a server says that does not know a field.
    private static readonly string[] Unsupported = ["not available for machine sessions", "Cannot query field", "Unknown type", "Unknown argument"];

    /// <summary>The body of a request.</summary>
    public static ReadOnlyMemory<byte> Request(string document, Action<Utf8JsonWriter>? variables)
    {
        ArrayBufferWriter<byte> body = new(512);
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("query"u8, document);
        if (variables is not null)
        {
            writer.WriteStartObject("variables"u8);
            variables(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    /// <summary>Reads an answer: data, errors, or both.</summary>
    public static ApiResult<T> Read<T>(ReadOnlySpan<byte> body, Operation<T> operation)
        where T : class
    {
        AnswerFrame frame;
        try
        {
            frame = AnswerFrame.Read(body);
        }
        catch (JsonException)
        {
            return ApiResult<T>.Failed(ErrorKind.Invalid, "the answer is not a GraphQL answer");
        }
        ApiError? error = frame.Errors.Count > 0 ? Error(frame.Errors) : null;
        if (frame.Data.IsEmpty) return new ApiResult<T>(null, error ?? new ApiError(ErrorKind.Invalid, "the answer has neither data nor errors"));
        try
        {
            T? value = JsonSerializer.Deserialize(frame.Data, operation.Type);
            return value is not null && operation.Problem(value) is { } problem
                ? new ApiResult<T>(null, error ?? new ApiError(ErrorKind.Invalid, $"the answer is not as expected: {problem}"))
                : new ApiResult<T>(value, error);
        }
        catch (JsonException exception)
        {
            // A field that failed is null, where the errors say why.
            return new ApiResult<T>(null, error ?? new ApiError(ErrorKind.Invalid, $"the answer is not as expected at data{exception.Path?.TrimStart('$')}: {Reason(exception)}"));
        }
    }

    private static ApiError Error(IReadOnlyList<AnswerError> errors)
    {
        string text = string.Join("; ", errors.Take(3).Select(Shown));
        ErrorKind kind = errors.Any(error => Has(error, "unauthorized")) ? ErrorKind.Unauthorized
            : errors.Any(error => Unsupported.Any(words => Has(error, words))) ? ErrorKind.Unsupported
            : ErrorKind.Query;
        return new ApiError(kind, text);
    }

    private static bool Has(AnswerError error, string words) => error.Message?.Contains(words, StringComparison.OrdinalIgnoreCase) == true;

    private static string Shown(AnswerError error) => (error.Message ?? "no message") + (error.Path is { Length: > 0 } path ? $" (at {path})" : "");

    // "... missing required properties including: 'parallelism'." without the names of our types and the position.
    private static string Reason(JsonException exception)
    {
        int missing = exception.Message.IndexOf("including:", StringComparison.Ordinal);
        if (missing >= 0) return "missing" + exception.Message[(missing + "including:".Length)..];
        return exception.Message.Contains("null", StringComparison.OrdinalIgnoreCase) ? "null" : "a value of another kind";
    }
}
