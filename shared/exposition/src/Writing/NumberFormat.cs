using System.Buffers.Text;
using System.Globalization;

namespace CiMetrics.Exposition;

/// <summary>Sample values as text: whole numbers up to 2^53 as plain digits, others as the shortest text that reads back equal.</summary>
internal static class NumberFormat
{
    /// <summary>No value is longer ("-1.7976931348623157e+308" has 24 characters).</summary>
    public const int MaxLength = 32;

    private const double MaxExactInteger = 1L << 53;

    /// <summary>Writes a value and returns its length.</summary>
    public static int Write(Span<byte> destination, double value)
    {
        long whole = (long)value;
        if (whole == value && Math.Abs(value) <= MaxExactInteger)
            return Write(destination, whole);
        if (!double.IsFinite(value))
        {
            ReadOnlySpan<byte> text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
            text.CopyTo(destination);
            return text.Length;
        }

        value.TryFormat(destination, out int written, default, CultureInfo.InvariantCulture);
        int exponent = destination[..written].IndexOf((byte)'E');
        if (exponent >= 0)
            destination[exponent] = (byte)'e';
        return written;
    }

    /// <summary>Writes a whole number and returns its length.</summary>
    public static int Write(Span<byte> destination, long value)
    {
        Utf8Formatter.TryFormat(value, destination, out int written);
        return written;
    }
}
