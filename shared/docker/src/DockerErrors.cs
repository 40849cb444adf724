using System.Net.Sockets;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using System.Text;

namespace CiMetrics.Docker;

/// <summary>Turns what can go wrong on the way into failures with a message that a user can act on.</summary>
internal static class DockerErrors
{
    private const int LongestQuote = 300;

    /// <summary>True for the exceptions that a connection can raise; others are mistakes of ours.</summary>
    public static bool IsTransport(Exception exception) =>
        exception is HttpRequestException or IOException or SocketException or AuthenticationException;

    public static DockerFailure Of(Exception exception, DockerEndpoint endpoint)
    {
        if (Inner<AuthenticationException>(exception) is { } tls)
            return new(DockerFailureKind.Tls, $"{endpoint.Display}: the TLS handshake failed: {(tls.InnerException ?? tls).Message}");
        return Inner<SocketException>(exception) is { } socket
            ? OfSocket(socket, endpoint)
            : new(DockerFailureKind.Unreachable, $"{endpoint.Display}: the connection broke: {(exception.InnerException ?? exception).Message}");
    }

    public static DockerFailure TimedOut(DockerEndpoint endpoint, string path, TimeSpan patience) =>
        new(DockerFailureKind.Timeout, $"{endpoint.Display}: no answer to {path} within {patience.TotalSeconds:0.###} s; is the engine hanging?");

    public static DockerFailure Unexpected(DockerEndpoint endpoint, string path, string what) =>
        new(DockerFailureKind.Protocol, $"{endpoint.Display}: the answer to {path} {what}");

    /// <summary>An answer other than success, with the engine's own words.</summary>
    public static DockerFailure OfStatus(DockerEndpoint endpoint, string path, HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        string quote = Quote(body);
        string message = $"{endpoint.Display}: {path}: {(int)status} {quote}";
        return status switch
        {
            HttpStatusCode.NotFound => new(DockerFailureKind.NotFound, message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(DockerFailureKind.Refused, message),
            HttpStatusCode.BadRequest when quote.Contains("client version", StringComparison.Ordinal) =>
                new(DockerFailureKind.VersionMismatch, $"{endpoint.Display}: the engine refuses the API version: {quote}"),
            >= HttpStatusCode.InternalServerError => new(DockerFailureKind.EngineError, message),
            _ => new(DockerFailureKind.Protocol, message),
        };
    }

    private static DockerFailure OfSocket(SocketException exception, DockerEndpoint endpoint)
    {
        if (endpoint.SocketPath is not { } path)
        {
            return exception.SocketErrorCode == SocketError.TimedOut
                ? new(DockerFailureKind.Timeout, $"{endpoint.Display}: no connection in time")
                : new(DockerFailureKind.Unreachable, $"{endpoint.Display}: {exception.Message}");
        }

        return exception.SocketErrorCode switch
        {
            SocketError.AccessDenied => new(DockerFailureKind.Refused,
                $"permission denied on {path}: add the user to the docker group (usermod -aG docker {CurrentUser.Name}) and start again, or run as root"),
            SocketError.ConnectionRefused => new(DockerFailureKind.Unreachable, $"{path} is there but nobody listens on it: start Docker"),
            _ when !File.Exists(path) => new(DockerFailureKind.Unreachable, $"there is no socket {path}: start Docker, or set DOCKER_HOST"),
            _ => new(DockerFailureKind.Unreachable, $"{endpoint.Display}: {exception.Message}"),
        };
    }

    private static string Quote(ReadOnlySpan<byte> body)
    {
        string text;
        try
        {
            text = JsonSerializer.Deserialize(body, DockerJson.Default.DockerErrorBody)?.Message ?? "";
        }
        catch (JsonException)
        {
            text = Encoding.UTF8.GetString(body);
        }

        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length > LongestQuote ? string.Concat(text.AsSpan(0, LongestQuote), "...") : text;
    }

    private static T? Inner<T>(Exception exception)
        where T : Exception
    {
        for (Exception? at = exception; at is not null; at = at.InnerException)
        {
            if (at is T found) return found;
        }

        return null;
    }
}
