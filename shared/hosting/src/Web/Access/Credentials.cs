using System.Text;

namespace CiMetrics.Hosting;

/// <summary>What an <c>Authorization</c> header holds: RFC 7617 (Basic) and RFC 6750 (Bearer).</summary>
internal abstract record Credentials
{
    /// <summary>Reads the header; null when it is none of the two.</summary>
    public static Credentials? Parse(string? header)
    {
        var parts = (header ?? "").Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts.Length < 2)
            return null;
        if (parts[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            return new Bearer(Encoding.UTF8.GetBytes(parts[1]));
        return parts[0].Equals("Basic", StringComparison.OrdinalIgnoreCase) ? Basic.Decode(parts[1]) : null;
    }

    /// <summary>A token.</summary>
    internal sealed record Bearer(ReadOnlyMemory<byte> Token) : Credentials;

    /// <summary>A user name and a password.</summary>
    internal sealed record Basic(string User, ReadOnlyMemory<byte> Password) : Credentials
    {
        internal static Basic? Decode(string text)
        {
            var bytes = new byte[text.Length];
            if (!Convert.TryFromBase64String(text, bytes, out var length))
                return null;
            var colon = Array.IndexOf(bytes, (byte)':', 0, length);
            return colon < 0 ? null : new Basic(Encoding.UTF8.GetString(bytes, 0, colon), bytes.AsMemory(colon + 1, length - colon - 1));
        }
    }
}
