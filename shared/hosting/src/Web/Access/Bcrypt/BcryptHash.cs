using System.Security.Cryptography;

namespace CiMetrics.Hosting;

/// <summary>
/// A password hash such as <c>htpasswd -nBC 10 ""</c> makes: <c>$2a$</c>, <c>$2b$</c> or <c>$2y$</c>, two digits of cost,
/// <c>$</c>, 22 characters of salt and 31 of hash. Written here because small images carry no libcrypt.
/// </summary>
internal sealed class BcryptHash : IPassword
{
    /// <summary>The form of a hash, for messages.</summary>
    public const string Rule =
        "must be a bcrypt hash: $2a$, $2b$ or $2y$, a cost from 04 to 16, and 53 characters of salt and hash";

    // Beyond this one check takes longer than a scrape may.
    private const int HighestCost = 16;

    private const string Alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int SaltCharacters = 22;
    private const int SaltBytes = 16;

    // The algorithm makes 24 bytes; the text form has always left out the last.
    private const int HashBytes = 23;

    // Further bytes of a password are ignored, as everywhere.
    private const int LongestKey = 72;

    private readonly byte[] _salt;
    private readonly byte[] _hash;
    private readonly int _cost;

    private BcryptHash(int cost, byte[] salt, byte[] hash) => (_cost, _salt, _hash) = (cost, salt, hash);

    /// <summary>Reads a hash; null when it breaks <see cref="Rule"/>.</summary>
    public static BcryptHash? Parse(string text)
    {
        if (text is not ['$', '2', 'a' or 'b' or 'y', '$', var tens and >= '0' and <= '9', var ones and >= '0' and <= '9', '$', .. var rest]
            || rest.Length != 53
            || rest.Any(c => !Alphabet.Contains(c, StringComparison.Ordinal)))
        {
            return null;
        }
        var cost = ((tens - '0') * 10) + ones - '0';
        return cost is >= 4 and <= HighestCost
            ? new BcryptHash(cost, Decode(rest[..SaltCharacters], SaltBytes), Decode(rest[SaltCharacters..], HashBytes))
            : null;
    }

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> password)
    {
        // A zero byte ends the password, for the C implementations that made the hash as well.
        if (password.Contains((byte)0))
            return false;
        Span<byte> key = stackalloc byte[LongestKey];
        var length = Math.Min(password.Length, LongestKey);
        password[..length].CopyTo(key);
        if (length < LongestKey)
            key[length++] = 0;
        var hash = ExpensiveBlowfish.Hash(key[..length], _salt, _cost);
        CryptographicOperations.ZeroMemory(key);
        return CryptographicOperations.FixedTimeEquals(hash.AsSpan(0, HashBytes), _hash);
    }

    private static byte[] Decode(string text, int length)
    {
        var bytes = new byte[length];
        var (bits, count, at) = (0, 0, 0);
        foreach (var c in text)
        {
            bits = ((bits << 6) | Alphabet.IndexOf(c, StringComparison.Ordinal)) & 0xffff;
            count += 6;
            if (count < 8 || at == length)
                continue;
            count -= 8;
            bytes[at++] = (byte)(bits >> count);
        }
        return bytes;
    }
}
