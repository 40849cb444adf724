using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>Where to listen: a host and a TCP port, a Unix socket, or a socket that systemd passed on.</summary>
/// <param name="Host">An IP address without brackets, a name, or empty for all interfaces.</param>
/// <param name="Port">The port; 0 lets the system choose.</param>
public sealed record ListenAddress(string Host, int Port)
{
    internal const string Rule =
        "must be [host]:port, such as :9090, 127.0.0.1:9090, [::1]:9090 or localhost:http, the port a number from 0 to 65535 or a well-known name; or unix:/path, the path at most 107 bytes";

    internal const string UnixPrefix = "unix:";

    /// <summary>The path of a Unix socket; null for host and port.</summary>
    public string? SocketPath { get; init; }

    internal SystemdSocket? Inherited { get; init; }

    /// <summary>
    /// Reads <c>host:port</c>, <c>:port</c>, <c>[IPv6]:port</c>, a host alone, or <c>unix:/path</c>. A port may be one of a few well-known
    /// names (http, https, http-alt, https-alt, prometheus).
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port of a host alone.</param>
    /// <param name="address">The address.</param>
    public static bool TryParse(string text, int defaultPort, out ListenAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = new ListenAddress("", defaultPort);
        if (text.StartsWith(UnixPrefix + "/", StringComparison.Ordinal))
        {
            var path = text[UnixPrefix.Length..];
            address = new ListenAddress("", 0) { SocketPath = path };
            return Encoding.UTF8.GetByteCount(path) <= UnixSocketFile.LongestPath && !path.EndsWith('/') && !path.Any(char.IsControl);
        }
        if (Split(text) is not var (host, port) || (host.Length == 0 && port is null))
            return false;
        if (host is ['[', .. var inner, ']'])
        {
            host = inner;
            if (!IPAddress.TryParse(host, out var ip) || ip.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
        }
        var number = port is null ? defaultPort : PortNames.Find(port);
        if (!IsHost(host) || number is null)
            return false;
        address = new ListenAddress(host, number.Value);
        return true;
    }

    /// <summary>True for an IP address (IPv6 without brackets), a host name, or nothing at all.</summary>
    internal static bool IsHost(string host) =>
        host.Length == 0
        || (IPAddress.TryParse(host, out _) ? host.Contains(':', StringComparison.Ordinal) || host.Count(c => c == '.') == 3
            : Uri.CheckHostName(host) == UriHostNameType.Dns && host.Any(char.IsAsciiLetter));

    /// <inheritdoc/>
    public override string ToString() =>
        Inherited is not null ? Inherited.ToString()
        : SocketPath is not null ? UnixPrefix + SocketPath
        : (Host.Contains(':', StringComparison.Ordinal) ? "[" + Host + "]" : Host) + ":" + Port.ToString(CultureInfo.InvariantCulture);

    private static (string Host, string? Port)? Split(string text)
    {
        var colon = text.LastIndexOf(':');
        var bracket = text.LastIndexOf(']');
        // Without brackets, more than one colon is an IPv6 address alone.
        if (colon < bracket || colon < 0 || (bracket < 0 && text.IndexOf(':', StringComparison.Ordinal) != colon))
            return (text, null);
        return bracket >= 0 && colon != bracket + 1 ? null : (text[..colon], text[(colon + 1)..]);
    }
}
