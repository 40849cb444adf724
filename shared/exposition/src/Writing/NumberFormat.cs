using System.Buffers.Text;

namespace CiMetrics.Exposition;

/// <summary>Sample values as text: whole numbers up to 2^53 as plain digits, others as the shortest text that reads back equal.</summary>
internal static class NumberFormat
{
    /// <summary>No value is longer ("-1.7976931348623157e+308" has 24 characters).</summary>
    public const int MaxLength = 32;

    private const double MaxExactInteger = 1L << 53;

    /// <summary>Values from 1e-5 up to this power of ten have no exponent.</summary>
    private const int LastPlainPower = 16;

    private const int FirstPlainPower = -5;

    /// <summary>Writes a value and returns its length.</summary>
    public static int Write(Span<byte> destination, double value)
    {
        long whole = (long)value;
        if (whole == value && Math.Abs(value) <= MaxExactInteger)
            return Write(destination, whole);
        if (double.IsFinite(value))
            return WriteFinite(destination, value);
        ReadOnlySpan<byte> text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
        text.CopyTo(destination);
        return text.Length;
    }

    /// <summary>Writes a whole number and returns its length.</summary>
    public static int Write(Span<byte> destination, long value)
    {
        Utf8Formatter.TryFormat(value, destination, out int written);
        return written;
    }

    private static int WriteFinite(Span<byte> destination, double value)
    {
        int sign = 0;
        if (value < 0)
            destination[sign++] = (byte)'-';
        destination = destination[sign..];
        (ulong digits, int exponent) = ShortestDecimal.Of(Math.Abs(value));
        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        Utf8Formatter.TryFormat(digits, destination, out int count);

        // The value is d.ddd * 10^power.
        int power = count + exponent - 1;
        return sign + (power is >= FirstPlainPower and < LastPlainPower
            ? Plain(destination, count, power)
            : Scientific(destination, count, power));
    }

    /// <summary>Digits in place become <c>0.00ddd</c>, <c>ddd.ddd</c> or <c>ddd000</c>.</summary>
    private static int Plain(Span<byte> destination, int count, int power)
    {
        if (power < 0)
        {
            int zeros = 1 - power;
            destination[..count].CopyTo(destination[zeros..]);
            destination[..zeros].Fill((byte)'0');
            destination[1] = (byte)'.';
            return zeros + count;
        }

        int whole = power + 1;
        if (whole >= count)
        {
            destination[count..whole].Fill((byte)'0');
            return whole;
        }

        destination[whole..count].CopyTo(destination[(whole + 1)..]);
        destination[whole] = (byte)'.';
        return count + 1;
    }

    /// <summary>Digits in place become <c>d.ddde+10</c>.</summary>
    private static int Scientific(Span<byte> destination, int count, int power)
    {
        int length = 1;
        if (count > 1)
        {
            destination[1..count].CopyTo(destination[2..]);
            destination[1] = (byte)'.';
            length = count + 1;
        }

        destination[length++] = (byte)'e';
        destination[length++] = power < 0 ? (byte)'-' : (byte)'+';
        int absolute = Math.Abs(power);
        if (absolute < 10)
            destination[length++] = (byte)'0';
        Utf8Formatter.TryFormat(absolute, destination[length..], out int written);
        return length + written;
    }
}
