using System.Numerics;

namespace CiMetrics.Hosting;

/// <summary>
/// The binary digits of pi after the point. Blowfish starts from them ("nothing up my sleeve"); computing them takes a
/// few milliseconds once, and leaves no table of a thousand numbers to mistype.
/// </summary>
internal static class PiDigits
{
    private const int GuardBits = 64;

    /// <summary>The first words of 32 bits each, most significant bit first.</summary>
    public static uint[] Words(int count)
    {
        var bits = (count * 32) + GuardBits;
        // Machin: pi / 4 = 4 atan(1/5) - atan(1/239).
        var pi = 4 * ((4 * InverseTangent(5, bits)) - InverseTangent(239, bits));
        var fraction = (pi - (new BigInteger(3) << bits)) >> GuardBits;
        var bytes = fraction.ToByteArray(isUnsigned: true, isBigEndian: true);
        var words = new uint[count];
        for (var i = 0; i < bytes.Length; i++)
        {
            var place = (count * 4) - bytes.Length + i;
            words[place / 4] |= (uint)bytes[i] << (24 - (place % 4 * 8));
        }
        return words;
    }

    // atan(1/n) = 1/n - 1/(3 n^3) + 1/(5 n^5) - ..., scaled by 2^bits.
    private static BigInteger InverseTangent(int n, int bits)
    {
        var power = (BigInteger.One << bits) / n;
        var sum = power;
        var square = n * n;
        for (var i = 3; !power.IsZero; i += 2)
        {
            power /= square;
            var term = power / i;
            sum += i % 4 == 3 ? -term : term;
        }
        return sum;
    }
}
