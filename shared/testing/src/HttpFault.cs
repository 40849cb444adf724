using System.Text;

namespace CiMetrics.Testing;

/// <summary>What a <see cref="HttpFaultProxy"/> does to one request.</summary>
/// <param name="Kind">Whether request or answer are lost.</param>
/// <param name="Delay">How long it waits before it does anything.</param>
/// <param name="Answer">What it answers in the server's place, as it goes over the wire.</param>
public sealed record HttpFault(HttpFaultKind Kind, TimeSpan Delay, byte[]? Answer)
{
    /// <summary>Passed on, and the answer passed back.</summary>
    public static HttpFault None { get; } = new(HttpFaultKind.None, TimeSpan.Zero, null);

    /// <summary>The server never sees the request; the connection is reset.</summary>
    public static HttpFault LoseRequest { get; } = new(HttpFaultKind.LoseRequest, TimeSpan.Zero, null);

    /// <summary>The server has answered, and the client does not learn it: the connection is reset.</summary>
    public static HttpFault LoseAnswer { get; } = new(HttpFaultKind.LoseAnswer, TimeSpan.Zero, null);

    /// <summary>Passed on late.</summary>
    public static HttpFault Late(TimeSpan delay) => new(HttpFaultKind.None, delay, null);

    /// <summary>Answered by the proxy; the server does not see it.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Further headers, for example <c>Retry-After: 1</c>.</param>
    public static HttpFault Respond(int status, string body = "", params string[] headers) => new(
        HttpFaultKind.None,
        TimeSpan.Zero,
        Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} Proxied\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + string.Concat(headers.Select(header => header + "\r\n")) + "\r\n" + body));
}

/// <summary>What is lost.</summary>
public enum HttpFaultKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The request, before the server has it.</summary>
    LoseRequest,

    /// <summary>The answer, after the server has done its work.</summary>
    LoseAnswer,
}
