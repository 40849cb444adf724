using System.Net.Sockets;
using System.Net;
using System.Text;

namespace CiMetrics.Docker.Tests;

/// <summary>A server on a Unix socket that sends the very bytes a test says, to meet what no real engine sends on request.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\n";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, Stream, CancellationToken, Task> _answer;
    private readonly Task _loop;

    /// <param name="socket">Where to listen.</param>
    /// <param name="answer">Given the request line, writes the answer; when it returns, the connection is closed.</param>
    public RawServer(string socket, Func<string, Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    /// <summary>A server that answers pings as an engine does, and anything else with these bytes.</summary>
    public static RawServer Answering(string socket, string afterHead) =>
        new(socket, (request, stream, cancellation) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(request.Contains("_ping", StringComparison.Ordinal) ? Whole("OK") : afterHead), cancellation).AsTask());

    /// <summary>A complete answer.</summary>
    public static string Whole(string body) => $"{Ok}Connection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>An answer that says it is longer than it is.</summary>
    public static string Cut(string body) => $"{Ok}Content-Length: {Encoding.UTF8.GetByteCount(body) + 100}\r\n\r\n{body}";

    /// <summary>An answer that ends when the connection does.</summary>
    public static string UntilClosed(string body) => $"{Ok}Connection: close\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        try
        {
            string? request = await reader.ReadLineAsync(_stop.Token);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            {
                // Headers say nothing that matters here.
            }

            if (request is not null) await _answer(request, stream, _stop.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            TestContext.Out.WriteLine(exception.Message);
        }
    }
}
