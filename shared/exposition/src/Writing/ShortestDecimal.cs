using System.Numerics;

namespace CiMetrics.Exposition;

/// <summary>
/// The shortest decimal that reads back as a given double; of several, the closest. This is the Schubfach method
/// (Raffaello Giulietti, "The Schubfach way to render doubles", 2020): three multiplications with a 126-bit power of ten.
/// The runtime's own formatting takes three times as long, and random doubles are mostly that.
/// </summary>
internal static class ShortestDecimal
{
    private const int FractionBits = 52;
    private const int ExponentBias = 1075;
    private const int MinPower = -292;
    private const int MaxPower = 324;

    // Filled as needed: one process meets few magnitudes. No entry is zero; two threads write the same value.
    private static readonly ulong[] High = new ulong[MaxPower - MinPower + 1];
    private static readonly ulong[] Low = new ulong[MaxPower - MinPower + 1];

    /// <summary>Digits and exponent of a finite value above zero: the value is <c>digits * 10^exponent</c>.</summary>
    public static (ulong Digits, int Exponent) Of(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ulong fraction = bits & ((1UL << FractionBits) - 1);
        int biased = (int)(bits >> FractionBits) & 0x7FF;
        ulong c = biased == 0 ? fraction : fraction | (1UL << FractionBits);
        int q = Math.Max(biased, 1) - ExponentBias;

        // Below a power of two the neighbour is only half as far.
        bool closerBelow = fraction == 0 && biased > 1;
        int k = closerBelow ? FloorLog10ThreeQuartersPow2(q) : FloorLog10Pow2(q);
        int shift = q + FloorLog2Pow10(-k) + 1;
        (ulong high, ulong low) = Power(-k);

        // Everything in quarters of 10^k: the value and the ends of the interval that rounds to it.
        ulong quarters = MultiplyRoundOdd(high, low, (4 * c) << shift);
        ulong open = c & 1;
        ulong least = MultiplyRoundOdd(high, low, ((4 * c) - (closerBelow ? 1UL : 2UL)) << shift) + open;
        ulong most = MultiplyRoundOdd(high, low, ((4 * c) + 2) << shift) - open;

        ulong s = quarters / 4;
        ulong tens = s / 10;
        bool tensInside = least <= 40 * tens;
        bool nextTensInside = (40 * tens) + 40 <= most;
        if (s >= 10 && tensInside != nextTensInside)
            return (nextTensInside ? tens + 1 : tens, k + 1);

        bool inside = least <= 4 * s;
        bool nextInside = (4 * s) + 4 <= most;
        if (inside != nextInside)
            return (nextInside ? s + 1 : s, k);

        // Both or neither: the closer one, at equal distance the even one.
        ulong middle = (4 * s) + 2;
        bool up = quarters > middle || (quarters == middle && (s & 1) != 0);
        return (up ? s + 1 : s, k);
    }

    private static int FloorLog10Pow2(int e) => (e * 1_262_611) >> 22;

    private static int FloorLog10ThreeQuartersPow2(int e) => ((e * 1_262_611) - 524_031) >> 22;

    private static int FloorLog2Pow10(int e) => (e * 1_741_647) >> 19;

    /// <summary>The upper 64 bits of a product of 192; the lowest bit also says whether anything was cut off.</summary>
    private static ulong MultiplyRoundOdd(ulong high, ulong low, ulong factor)
    {
        ulong carried = Math.BigMul(low, factor, out _);
        ulong top = Math.BigMul(high, factor, out ulong middle);
        middle += carried;
        if (middle < carried)
            top++;
        return middle > 1 ? top | 1 : top;
    }

    private static (ulong High, ulong Low) Power(int exponent)
    {
        int i = exponent - MinPower;
        ulong high = Volatile.Read(ref High[i]);
        return high != 0 ? (high, Low[i]) : Compute(exponent);
    }

    /// <summary>10^exponent, scaled to 128 bits and rounded up.</summary>
    private static (ulong High, ulong Low) Compute(int exponent)
    {
        int scale = 127 - FloorLog2Pow10(exponent);
        BigInteger power = BigInteger.Pow(10, Math.Abs(exponent));
        BigInteger scaled;
        if (exponent >= 0)
        {
            scaled = scale >= 0 ? power << scale : power >> -scale;
            if (scale < 0)
                scaled += 1;
        }
        else
        {
            scaled = ((BigInteger.One << scale) / power) + 1;
        }

        ulong high = (ulong)(scaled >> 64);
        ulong low = (ulong)(scaled & ulong.MaxValue);
        Low[exponent - MinPower] = low;
        Volatile.Write(ref High[exponent - MinPower], high);
        return (high, low);
    }
}
