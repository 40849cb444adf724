using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Spacelift.Webhooks;

/// <summary>The signature of a webhook: <c>sha256=</c> and the hexadecimal HMAC-SHA256 of the body as it was sent.</summary>
internal static class Signature
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "X-Signature-256";

    private const string Scheme = "sha256=";

    /// <summary>Whether the header signs the body. How long it takes says nothing about the right signature.</summary>
    public static bool IsOf(string? header, ReadOnlySpan<byte> body, string secret)
    {
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length != Scheme.Length + (2 * HMACSHA256.HashSizeInBytes)) return false;
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Convert.FromHexString(header.AsSpan(Scheme.Length), given, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        Span<byte> right = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, right);
        return CryptographicOperations.FixedTimeEquals(given, right);
    }
}
