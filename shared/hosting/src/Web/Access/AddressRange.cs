using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Hosting;

/// <summary>One IP address or a range in CIDR form. An IPv4 address mapped into IPv6 is the IPv4 address.</summary>
public sealed record AddressRange
{
    internal const string Rule = "must be an IP address or a range such as 10.0.0.0/8 or fd00::/8";
    private const int MappedPrefix = 96;

    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <summary>Reads <c>address</c> or <c>address/prefix</c>. Bits of the address after the prefix do not count.</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range.</param>
    public static bool TryParse(string text, out AddressRange range)
    {
        ArgumentNullException.ThrowIfNull(text);
        range = new AddressRange(default(IPNetwork));
        var parts = text.Trim().Split('/');
        // Scopes and short forms such as 10.1 (which is 10.0.0.1) are not what a user of a list means.
        if (parts.Length > 2 || parts[0].Contains('%', StringComparison.Ordinal)
            || !ListenAddress.IsHost(parts[0]) || !IPAddress.TryParse(parts[0], out var address))
        {
            return false;
        }
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (parts.Length == 2
            && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
        {
            return false;
        }
        if (address.IsIPv4MappedToIPv6 && prefix >= MappedPrefix)
            (address, prefix) = (address.MapToIPv4(), prefix - MappedPrefix);
        range = new AddressRange(new IPNetwork(Masked(address, prefix), prefix));
        return true;
    }

    /// <summary>True when the address is in the range.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _network.Contains(Plain(address));
    }

    /// <inheritdoc/>
    public override string ToString() => _network.ToString();

    /// <summary>The address without a scope, and as IPv4 where it is a mapped one.</summary>
    internal static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes())
        : address;

    /// <summary>The address with all bits after the prefix zero.</summary>
    internal static IPAddress Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(prefix - (i * 8), 0, 8));
        return new IPAddress(bytes);
    }
}
