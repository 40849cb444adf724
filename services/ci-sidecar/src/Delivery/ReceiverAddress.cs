using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Sidecar.Delivery;

/// <summary>Where events are sent: from a host, <c>host:port</c> or a URL.</summary>
internal static class ReceiverAddress
{
    /// <summary>What is allowed, for messages.</summary>
    public const string Rule = "must be a host, host:port, or an http or https URL without user, query and fragment";

    /// <summary>The URL of the receiver's <c>/steps</c>; false where the text is none of the allowed ones.</summary>
    public static bool TryParse(string text, out Uri address)
    {
        address = null!;
        string url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + WithBrackets(text);
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed)
            || parsed.Scheme is not ("http" or "https")
            || parsed.Host.Length == 0
            || parsed.UserInfo.Length + parsed.Query.Length + parsed.Fragment.Length > 0
            || (url != text && parsed.AbsolutePath != "/")) return false;
        string path = parsed.AbsolutePath.TrimEnd('/');
        bool isEndpoint = path.EndsWith("/steps", StringComparison.Ordinal) || path.EndsWith("/jobs", StringComparison.Ordinal);
        address = new Uri(parsed, isEndpoint ? path : path + "/steps");
        return true;
    }

    private static string WithBrackets(string host) =>
        IPAddress.TryParse(host, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 && !host.StartsWith('[') ? $"[{host}]" : host;
}
