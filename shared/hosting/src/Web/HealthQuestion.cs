using System.Net.Sockets;

namespace CiMetrics.Hosting;

/// <summary>Asks a service once whether it is alive, over TCP or a Unix socket, with or without TLS.</summary>
internal static class HealthQuestion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks; null when it is alive, otherwise what is wrong.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="overTls">Whether it speaks TLS.</param>
    /// <param name="tls">How it does, where that is known.</param>
    public static async Task<string?> AskAsync(ListenAddress address, bool overTls, TlsConfig? tls)
    {
        var url = (overTls ? "https://" : "http://") + (address.SocketPath is null ? address.ToString() : "localhost") + HealthEndpoints.Healthy;
        var shown = address.SocketPath is null ? url : address.ToString();
        var showedCertificate = false;
        try
        {
            // A proxy has no business between a container and itself.
            using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
            if (address.SocketPath is { } path)
                handler.ConnectCallback = (_, cancelled) => ConnectAsync(path, cancelled);
            // The question is whether it lives, not who it is: nothing secret is sent, and names and authorities of a
            // certificate made for others need not fit the loopback address.
#pragma warning disable CA5359, MA0039
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => showedCertificate = true;
#pragma warning restore CA5359, MA0039
            if (tls?.Clients.Requires == true)
                handler.SslOptions.ClientCertificateContext = tls.Certificate;
            using var client = new HttpClient(handler) { Timeout = Patience };
            using var response = await client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
            return response.IsSuccessStatusCode ? null : $"{shown} answered {(int)response.StatusCode}";
        }
        catch (HttpRequestException) when (showedCertificate && tls?.Clients.Requires != false)
        {
            // Proof of life: it answered with its certificate and then refused this check for want of the right one.
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return $"{shown}: {exception.GetBaseException().Message}";
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancelled)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancelled);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
