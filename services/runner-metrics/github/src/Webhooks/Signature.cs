using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.GitHubRunner.Webhooks;

/// <summary>The header by which GitHub proves that it knows the secret: <c>X-Hub-Signature-256: sha256=HEX</c>.</summary>
internal static class Signature
{
    private const string Prefix = "sha256=";

    /// <summary>Whether the header is the body's, in a time that does not depend on where it differs.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="body">The body, byte for byte as it came.</param>
    /// <param name="header">The header; null: there was none.</param>
    public static bool Fits(string secret, ReadOnlySpan<byte> body, string? header)
    {
        if (header is null || header.Length != Prefix.Length + (2 * SHA256.HashSizeInBytes) || !header.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        if (Convert.FromHexString(header.AsSpan(Prefix.Length), given, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        Span<byte> own = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, own);
        return CryptographicOperations.FixedTimeEquals(own, given);
    }
}
