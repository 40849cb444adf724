using System.Net.Sockets;

namespace CiMetrics.Docker;

/// <summary>HTTP over the endpoint's socket. No proxy, cookie, redirect or decompression: the engine needs none of them.</summary>
internal static class DockerTransport
{
    /// <summary>How long a connection may take; the deadline of the call may be shorter.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    public static HttpMessageInvoker Create(DockerEndpoint endpoint)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            MaxResponseHeadersLength = 64,
        };
        if (endpoint.Tls is { } tls) handler.SslOptions = tls.Options();
        if (endpoint.SocketPath is { } path) handler.ConnectCallback = (_, cancellation) => ConnectAsync(path, cancellation);
        return new HttpMessageInvoker(handler);
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
