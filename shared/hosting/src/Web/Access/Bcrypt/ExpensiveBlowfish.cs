using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CiMetrics.Hosting;

/// <summary>
/// Blowfish with the slow key schedule of Provos and Mazieres, "A Future-Adaptable Password Scheme" (USENIX 1999), and
/// the text that bcrypt encrypts with it.
/// </summary>
internal sealed class ExpensiveBlowfish
{
    private const int Rounds = 16;
    private const int SubkeyWords = Rounds + 2;
    private const int BoxWords = 4 * 256;

    private static readonly Lazy<uint[]> Pi = new(() => PiDigits.Words(SubkeyWords + BoxWords));

    private readonly uint[] _subkeys = Pi.Value[..SubkeyWords];
    private readonly uint[] _boxes = Pi.Value[SubkeyWords..];

    private ExpensiveBlowfish()
    {
    }

    /// <summary>The 24 bytes that bcrypt makes of a key.</summary>
    /// <param name="key">The key, 1 to 72 bytes; it is repeated to fill the subkeys.</param>
    /// <param name="salt">16 bytes.</param>
    /// <param name="cost">The binary logarithm of the number of repetitions.</param>
    public static byte[] Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int cost)
    {
        var cipher = new ExpensiveBlowfish();
        var keyWords = Repeated(key);
        var saltWords = Repeated(salt);
        cipher.Expand(keyWords, saltWords);
        for (var i = 1UL << cost; i > 0; i--)
        {
            cipher.Expand(keyWords, null);
            cipher.Expand(saltWords, null);
        }

        var hash = "OrpheanBeholderScryDoubt"u8.ToArray();
        for (var at = 0; at < hash.Length; at += 8)
        {
            var left = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(at));
            var right = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(at + 4));
            for (var i = 0; i < 64; i++)
                cipher.Encrypt(ref left, ref right);
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(at), left);
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(at + 4), right);
        }
        return hash;
    }

    private static uint[] Repeated(ReadOnlySpan<byte> key)
    {
        var words = new uint[SubkeyWords];
        for (var i = 0; i < SubkeyWords * 4; i++)
            words[i / 4] = (words[i / 4] << 8) | key[i % key.Length];
        return words;
    }

    private void Expand(uint[] key, uint[]? salt)
    {
        for (var i = 0; i < SubkeyWords; i++)
            _subkeys[i] ^= key[i];
        uint left = 0, right = 0;
        var turn = 0;
        Fill(_subkeys, salt, ref left, ref right, ref turn);
        Fill(_boxes, salt, ref left, ref right, ref turn);
    }

    // The salt has four words: the blocks take its two halves in turn.
    private void Fill(uint[] words, uint[]? salt, ref uint left, ref uint right, ref int turn)
    {
        for (var i = 0; i < words.Length; i += 2, turn ^= 2)
        {
            if (salt is not null)
            {
                left ^= salt[turn];
                right ^= salt[turn + 1];
            }
            Encrypt(ref left, ref right);
            words[i] = left;
            words[i + 1] = right;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Encrypt(ref uint left, ref uint right)
    {
        // This loop is all of the cost, and its indexes are bytes: without bounds checks it is a third faster.
        ref var boxes = ref MemoryMarshal.GetArrayDataReference(_boxes);
        ref var subkeys = ref MemoryMarshal.GetArrayDataReference(_subkeys);
        var l = left ^ subkeys;
        var r = right;
        for (var i = 1; i <= Rounds; i += 2)
        {
            r ^= Mix(ref boxes, l) ^ Unsafe.Add(ref subkeys, i);
            l ^= Mix(ref boxes, r) ^ Unsafe.Add(ref subkeys, i + 1);
        }
        left = r ^ Unsafe.Add(ref subkeys, Rounds + 1);
        right = l;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(ref uint boxes, uint x) =>
        ((Unsafe.Add(ref boxes, x >> 24) + Unsafe.Add(ref boxes, 256 + ((x >> 16) & 0xff)))
            ^ Unsafe.Add(ref boxes, 512 + ((x >> 8) & 0xff)))
        + Unsafe.Add(ref boxes, 768 + (x & 0xff));
}
