using System.Text;
using CiMetrics.Receiver.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CiMetrics.Receiver.Http;

/// <summary>What a request holds.</summary>
/// <param name="Events">Its events, one at least, where nothing is wrong.</param>
/// <param name="IsArray">Whether they came as an array, and are answered so.</param>
/// <param name="HeaderKey">The key that its header gives.</param>
internal sealed record SentEvents(IReadOnlyList<RawEvent> Events, bool IsArray, string? HeaderKey)
{
    /// <summary>The key that the header gives to an event.</summary>
    public string? KeyOf(int index) => HeaderKey is null || Events.Count == 1 ? HeaderKey : $"{HeaderKey}/{index}";
}

/// <summary>Reads events from a query, a form or JSON.</summary>
internal static class RequestReader
{
    private const string KeyHeader = "Idempotency-Key";
    private const int LongestHeaderKey = EventKey.LongestText;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body; empty where it is a query.</param>
    /// <returns>Its events, or what is wrong with it.</returns>
    public static (SentEvents? Sent, Refusal? Refusal) Read(HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (ReadKey(request, out string? key) is { } wrongKey) return (null, wrongKey);
        if (HttpMethods.IsGet(request.Method)) return ReadForm(request.QueryString.Value ?? "", "", key);
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
            return (null, WrongEncoding(encoding.ToString()));
        return ReadBody(request, body, key);
    }

    private static (SentEvents?, Refusal?) ReadBody(HttpRequest request, ReadOnlySpan<byte> body, string? key)
    {
        string query = request.QueryString.Value ?? "";
        if (body.IsEmpty && query.Length > 1) return ReadForm(query, "", key);
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)) return (null, WrongType(request.ContentType));
        if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        {
            if (query.Length > 1) return (null, Refusal.Bad("query", query, "must be empty where the body is JSON"));
            List<RawEvent> events = [];
            Refusal? refusal = JsonEvents.Read(body, events, out bool isArray);
            return refusal is null ? Checked(new SentEvents(events, isArray, key)) : (null, refusal);
        }

        if (!type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)) return (null, WrongType(request.ContentType));
        try
        {
            return ReadForm(query, Utf8.GetString(body), key);
        }
        catch (DecoderFallbackException)
        {
            return (null, Refusal.Body("must be UTF-8"));
        }
    }

    private static (SentEvents?, Refusal?) ReadForm(string query, string form, string? key)
    {
        RawEvent raw = new();
        Refusal? refusal = FormEvents.Read(query, raw) ?? FormEvents.Read(form, raw);
        return refusal is null ? Checked(new SentEvents([raw], IsArray: false, key)) : (null, refusal);
    }

    private static (SentEvents?, Refusal?) Checked(SentEvents sent) =>
        sent is { Events: [var only], HeaderKey: { } key } && only[EventField.Id] is { Length: > 0 } id && !string.Equals(id, key, StringComparison.Ordinal)
            ? (null, Refusal.Bad(only.PathOf("id"), id, $"must be the same as the header {KeyHeader} (\"{Shown.Short(key)}\")"))
            : (sent, null);

    private static Refusal? ReadKey(HttpRequest request, out string? key)
    {
        key = null;
        if (!request.Headers.TryGetValue(KeyHeader, out Microsoft.Extensions.Primitives.StringValues values)) return null;
        if (values.Count != 1 || values[0] is not { Length: > 0 and <= LongestHeaderKey } value)
            return Refusal.Bad(KeyHeader, values.ToString(), $"must be one text of 1 to {LongestHeaderKey} characters");
        // RFC 8941 writes a text between quotes; most senders do not.
        key = value is ['"', .. { Length: > 0 } inner, '"'] ? inner : value;
        return null;
    }

    private static Refusal WrongEncoding(string encoding) => new(
        StatusCodes.Status415UnsupportedMediaType,
        "the body must not be compressed",
        "Content-Encoding",
        Shown.Short(encoding),
        "must be absent or identity");

    private static Refusal WrongType(string? type) => new(
        StatusCodes.Status415UnsupportedMediaType,
        "the content type must be application/json or application/x-www-form-urlencoded",
        "Content-Type",
        type is null ? null : Shown.Short(type),
        "must be application/json or application/x-www-form-urlencoded");
}
