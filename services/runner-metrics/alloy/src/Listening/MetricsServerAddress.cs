using System.Net;
using CiMetrics.Hosting;

namespace CiMetrics.AlloyRunner.Listening;

/// <summary>The address rules of the users' document: <c>[host]:port</c>, the port a number, a name, or absent.</summary>
internal static class MetricsServerAddress
{
    /// <summary>The port where none is given, which Prometheus has allocated to this family of runners.</summary>
    public const int DefaultPort = 9252;

    /// <summary>What is allowed.</summary>
    public const string Rule =
        "must be [host]:port, such as :9252, localhost:9252 or [2001:db8::1]:http; without a port it is 9252, and empty is no server";

    /// <summary>Reads an address; an empty text gives null, which is no server.</summary>
    public static bool TryParse(string text, out ListenAddress? address)
    {
        address = null;
        if (text.Length == 0) return true;
        // A colon without a port, which the runner takes as none at all: "localhost:", "[::1]:" and ":".
        string given = text is [.. var host, ':'] && (!host.Contains(':', StringComparison.Ordinal) || host.EndsWith(']')) ? host : text;
        if (given.StartsWith("unix:", StringComparison.Ordinal)) return false;
        if (!ListenAddress.TryParse(given.Length == 0 ? ":" + DefaultPort : given, DefaultPort, out ListenAddress parsed)) return false;
        address = parsed;
        return true;
    }

    /// <summary>
    /// Whether two addresses may be one: then the program that comes second cannot listen. A name may stand for any
    /// address of this machine.
    /// </summary>
    public static bool MayClash(ListenAddress one, ListenAddress other)
    {
        if (one.SocketPath is not null || other.SocketPath is not null || one.Port != other.Port || one.Port == 0) return false;
        return IsAny(one.Host) || IsAny(other.Host)
            || !IPAddress.TryParse(one.Host, out IPAddress? first) || !IPAddress.TryParse(other.Host, out IPAddress? second)
            ? !(IsLoopback(one.Host) && IsForeign(other.Host)) && !(IsLoopback(other.Host) && IsForeign(one.Host))
            : first.Equals(second);
    }

    private static bool IsAny(string host) => host.Length == 0 || host is "0.0.0.0" or "::" or "*";

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsForeign(string host) => !IsAny(host) && IPAddress.TryParse(host, out IPAddress? address) && !IPAddress.IsLoopback(address);
}
