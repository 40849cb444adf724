using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>A password or token that the user gave as it is.</summary>
internal sealed class ClearSecret : IPassword
{
    // Comparing keyed hashes takes the same time for every text, whatever its length.
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly byte[] _hash;

    public ClearSecret(string secret) => _hash = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(secret));

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> password) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, password), _hash);
}
