using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Hosting;

/// <summary>
/// The subcommand <c>healthcheck</c>: asks the service that runs with the same settings whether it is alive. Made for
/// images that carry no shell and no curl.
/// </summary>
internal static class HealthCheck
{
    public static readonly Subcommand Command = new("healthcheck", "Ask the running service whether it is healthy; exit code 0 or 1");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks, and says on standard error why not.</summary>
    public static async Task<int> RunAsync(ServiceSettings settings)
    {
        if (settings.Web.SystemdSocket.Value && !settings.IsAddressGiven)
        {
            await Console.Error.WriteLineAsync("unhealthy: systemd has the sockets; name one of them with --web.listen-address");
            return ExitCode.Failed;
        }
        if (settings.Addresses() is not [var address, ..])
        {
            await Console.Error.WriteLineAsync("unhealthy: with these settings the service does not listen");
            return ExitCode.Failed;
        }
        if (address is { Port: 0, SocketPath: null })
        {
            await Console.Error.WriteLineAsync("unhealthy: the system chose the port (0), so that it is not known here");
            return ExitCode.Failed;
        }
        var asked = address with { Host = Reachable(address.Host) };
        var url = "http://" + (address.SocketPath is null ? asked.ToString() : "localhost") + HealthEndpoints.Healthy;
        try
        {
            // A proxy has no business between a container and itself.
            using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
            if (address.SocketPath is { } path)
                handler.ConnectCallback = (_, cancelled) => ConnectAsync(path, cancelled);
            using var client = new HttpClient(handler) { Timeout = Patience };
            using var response = await client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
            if (response.IsSuccessStatusCode)
                return ExitCode.Stopped;
            await Console.Error.WriteLineAsync($"unhealthy: {Shown()} answered {(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"unhealthy: {Shown()}: {exception.Message}");
        }
        return ExitCode.Failed;

        string Shown() => address.SocketPath is null ? url : address.ToString();
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

    // A service that listens on all addresses is asked on the loopback one.
    private static string Reachable(string host) =>
        host.Length == 0 ? IPAddress.Loopback.ToString()
        : !IPAddress.TryParse(host, out var ip) ? host
        : ip.Equals(IPAddress.Any) ? IPAddress.Loopback.ToString()
        : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback.ToString()
        : host;
}
