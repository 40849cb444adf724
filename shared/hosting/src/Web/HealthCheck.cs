using System.Net;

namespace CiMetrics.Hosting;

/// <summary>
/// The subcommand <c>healthcheck</c>: asks the service that runs with the same settings whether it is alive. Made for
/// images that carry no shell and no curl.
/// </summary>
internal static class HealthCheck
{
    public static readonly Subcommand Command =
        new("healthcheck", "Ask the running service whether it is healthy; exit code 0 or 1") { ChecksFiles = false };

    /// <summary>Asks, and says on standard error why not.</summary>
    public static async Task<int> RunAsync(IService service, ServiceSettings settings)
    {
        if (await TroubleAsync(service, settings) is not { } trouble)
            return ExitCode.Stopped;
        await Console.Error.WriteLineAsync("unhealthy: " + trouble);
        return ExitCode.Failed;
    }

    private static async Task<string?> TroubleAsync(IService service, ServiceSettings settings)
    {
        if (settings.Web.SystemdSocket.Value && !settings.IsAddressGiven)
            return "systemd has the sockets; name one of them with --web.listen-address";
        if (settings.Addresses() is not [var address, ..])
            return service.TroubleWithoutAddress();
        if (address is { Port: 0, SocketPath: null })
            return "the system chose the port (0), so that it is not known here";

        var asked = address with { Host = Reachable(address.Host) };
        // The service has refused a file that is mistaken now, and serves with what that said before.
        var isUncertain = settings.Web.LoadConfigFile().Any();
        var tls = settings.Web.Config.Tls;
        if (!isUncertain)
            return await HealthQuestion.AskAsync(asked, tls is not null, tls);
        return await HealthQuestion.AskAsync(asked, overTls: true, null) is null ? null : await HealthQuestion.AskAsync(asked, overTls: false, null);
    }

    // A service that listens on all addresses is asked on the loopback one.
    private static string Reachable(string host) =>
        host.Length == 0 ? IPAddress.Loopback.ToString()
        : !IPAddress.TryParse(host, out var ip) ? host
        : ip.Equals(IPAddress.Any) ? IPAddress.Loopback.ToString()
        : ip.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback.ToString()
        : host;
}
