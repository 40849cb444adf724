using System.Text;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>Short answers, whole and with their length, to GET and HEAD alike.</summary>
internal static class Answer
{
    /// <summary>Answers with a text.</summary>
    public static Task PlainText(HttpContext context, int status, string text) =>
        Bytes(context, status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>Answers with bytes of a content type.</summary>
    public static async Task Bytes(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
