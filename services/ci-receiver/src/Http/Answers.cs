using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Http;

/// <summary>Answers in JSON: what became of each event, or a problem (RFC 9457).</summary>
internal static class Answers
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with what became of one event.</summary>
    public static Task OneAsync(HttpContext context, JobEvent job, Decision decision) => WriteAsync(
        context, StatusCodes.Status200OK, "application/json", writer => Write(writer, job, decision));

    /// <summary>Answers with what became of several.</summary>
    public static Task ManyAsync(HttpContext context, IReadOnlyList<JobEvent> jobs, IReadOnlyList<Decision> decisions) => WriteAsync(
        context,
        StatusCodes.Status200OK,
        "application/json",
        writer =>
        {
            int counted = decisions.Count(decision => decision.Event is not null);
            writer.WriteStartObject();
            writer.WriteNumber("counted", counted);
            writer.WriteNumber("duplicates", decisions.Count - counted);
            writer.WriteStartArray("events");
            for (int i = 0; i < jobs.Count; i++) Write(writer, jobs[i], decisions[i]);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    /// <summary>Answers with a problem.</summary>
    public static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        if (refusal.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = $"{seconds}";
        return WriteAsync(context, refusal.Status, "application/problem+json", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", TitleOf(refusal.Status));
            writer.WriteNumber("status", refusal.Status);
            writer.WriteString("detail", refusal.Detail);
            if (refusal.Field is { } field) writer.WriteString("field", field);
            if (refusal.Value is { } value) writer.WriteString("value", value);
            if (refusal.Rule is { } rule) writer.WriteString("rule", rule);
            writer.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter writer, JobEvent job, Decision decision)
    {
        writer.WriteStartObject();
        writer.WriteString("result", decision.Event is null ? "duplicate" : "counted");
        writer.WriteStartArray("warnings");
        foreach (Warning warning in job.Warnings) writer.WriteStringValue(warning.Text);
        foreach (Warning warning in decision.Warnings) writer.WriteStringValue(warning.Text);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Titles as RFC 9110 has them: the type is about:blank.
    private static string TitleOf(int status) => status switch
    {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        _ => "Service Unavailable",
    };

    private static async Task WriteAsync(HttpContext context, int status, string contentType, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> body = new(256);
        await using (Utf8JsonWriter writer = new(body, Options)) write(writer);
        body.GetSpan(1)[0] = (byte)'\n';
        body.Advance(1);
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.WrittenCount;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
