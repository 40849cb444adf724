using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Receiver.Naming;

/// <summary>
/// What is kept of the name that a job had, to tell names apart that become one: names as GitLab has them whole, and of
/// longer ones the beginning and a hash of all, so that databases can have it in an index.
/// </summary>
internal static class OriginalName
{
    /// <summary>The most characters that are kept.</summary>
    public const int Longest = 255;

    private const int HashLength = 16;

    /// <summary>What is kept of a name. Of that it is the same again: what earlier versions have stored can be brought to it.</summary>
    public static string Of(string name)
    {
        if (name.Length <= Longest) return name;
        int kept = Longest - HashLength - 1;
        // Half of a surrogate pair is no text.
        if (char.IsHighSurrogate(name[kept - 1])) kept--;
        return $"{name[..kept]}…{Hash(name, HashLength)}";
    }

#pragma warning disable CA1308 // Metric names, which have such a hash too, are lower case.
    /// <summary>Hex digits of a hash of a text.</summary>
    public static string Hash(string text, int digits) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, digits / 2)).ToLowerInvariant();
#pragma warning restore CA1308
}
