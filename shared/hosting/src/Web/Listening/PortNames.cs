using System.Globalization;

namespace CiMetrics.Hosting;

/// <summary>Port names: a table of our own, as small images carry no /etc/services.</summary>
internal static class PortNames
{
    private static readonly Dictionary<string, int> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["http"] = 80,
        ["https"] = 443,
        ["http-alt"] = 8080,
        ["https-alt"] = 8443,
        ["prometheus"] = 9090,
    };

    /// <summary>The port of a number or a name; null when it is neither.</summary>
    public static int? Find(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number <= 65535 ? number : null
            : Known.TryGetValue(text, out var known) ? known : null;
}
