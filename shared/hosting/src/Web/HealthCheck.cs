using System.Net;

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
    public static async Task<int> RunAsync(ListenAddress? listenAddress)
    {
        if (listenAddress is not { } address)
        {
            await Console.Error.WriteLineAsync("unhealthy: with these settings the service does not listen");
            return ExitCode.Failed;
        }
        if (address.Port == 0)
        {
            await Console.Error.WriteLineAsync("unhealthy: the system chose the port (0), so that it is not known here");
            return ExitCode.Failed;
        }
        var url = "http://" + (address with { Host = Reachable(address.Host) }) + HealthEndpoints.Healthy;
        try
        {
            // A proxy has no business between a container and itself.
            using var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience };
            using var client = new HttpClient(handler) { Timeout = Patience };
            using var response = await client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
            if (response.IsSuccessStatusCode)
                return ExitCode.Stopped;
            await Console.Error.WriteLineAsync($"unhealthy: {url} answered {(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"unhealthy: {url}: {exception.Message}");
        }
        return ExitCode.Failed;
    }

    // A service that listens on all addresses is asked on the loopback one.
    private static string Reachable(string host) =>
        host.Length == 0 ? IPAddress.Loopback.ToString()
        : !IPAddress.TryParse(host, out var ip) ? host
        : ip.Equals(IPAddress.Any) ? IPAddress.Loopback.ToString()
        : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback.ToString()
        : host;
}
