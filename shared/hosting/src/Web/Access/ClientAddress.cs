using System.Net;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>
/// Who asks: the peer of the connection, or, where that is a trusted proxy, the right-most address of
/// <c>X-Forwarded-For</c> that is not one. What stands left of it the client may have written itself.
/// </summary>
internal static class ClientAddress
{
    /// <summary>The address; null when a trusted proxy says nothing that is an address.</summary>
    public static IPAddress? Of(HttpContext context, IReadOnlyList<AddressRange> trustedProxies) =>
        Of(context.Connection.RemoteIpAddress, context.Request.Headers["X-Forwarded-For"], trustedProxies);

    /// <summary>The address for a peer and the values of the header.</summary>
    public static IPAddress? Of(IPAddress? peer, IEnumerable<string?> forwardedFor, IReadOnlyList<AddressRange> trustedProxies)
    {
        var client = peer is null ? null : AddressRange.Plain(peer);
        if (client is null || !IsTrusted(client))
            return client;
        var hops = string.Join(',', forwardedFor).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var hop in hops.Reverse())
        {
            client = Address(hop);
            if (client is null || !IsTrusted(client))
                break;
        }
        return client;

        bool IsTrusted(IPAddress address) => trustedProxies.Any(range => range.Contains(address));
    }

    // Some proxies add the port.
    private static IPAddress? Address(string hop) =>
        IPAddress.TryParse(hop, out var address) ? AddressRange.Plain(address)
        : IPEndPoint.TryParse(hop, out var endPoint) ? AddressRange.Plain(endPoint.Address)
        : null;
}
