using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>How the engine writes its answers.</summary>
internal static class Reply
{
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task JsonAsync(HttpContext http, JsonNode body, int status = StatusCodes.Status200OK)
    {
        byte[] bytes = Line(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    public static Task ErrorAsync(HttpContext http, int status, string message) =>
        JsonAsync(http, new JsonObject { ["message"] = message }, status);

    public static Task NoContainerAsync(HttpContext http, string reference) =>
        ErrorAsync(http, StatusCodes.Status404NotFound, $"No such container: {reference}");

    /// <summary>Sends one object of a stream at once.</summary>
    public static async Task StreamAsync(HttpContext http, JsonNode item, CancellationToken cancellationToken)
    {
        await http.Response.Body.WriteAsync(Line(item), cancellationToken);
        await http.Response.Body.FlushAsync(cancellationToken);
    }

    private static byte[] Line(JsonNode node) => [.. JsonSerializer.SerializeToUtf8Bytes(node, Format), (byte)'\n'];
}
