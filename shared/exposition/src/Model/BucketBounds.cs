using System.Text;

namespace CiMetrics.Exposition;

/// <summary>Upper bounds of a classic histogram's buckets, encoded once. The <c>+Inf</c> bucket is implied.</summary>
public sealed class BucketBounds
{
    private readonly double[] _bounds;
    private readonly byte[][] _labels;

    /// <summary>Creates bounds.</summary>
    /// <param name="bounds">
    /// Strictly increasing, finite, not negative: a histogram with negative bounds must have no <c>_sum</c> in OpenMetrics,
    /// and the series are the same in both formats here.
    /// </param>
    /// <exception cref="ArgumentException">There is none, or they are out of order, negative or not finite.</exception>
    public BucketBounds(params double[] bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        if (bounds.Length == 0)
            throw new ArgumentException("a histogram needs at least one bucket bound", nameof(bounds));
        for (int i = 0; i < bounds.Length; i++)
        {
            if (!double.IsFinite(bounds[i]))
                throw new ArgumentException($"bucket bound {bounds[i]} is not finite (+Inf is implied)", nameof(bounds));
            if (bounds[i] < 0)
                throw new ArgumentException($"bucket bound {bounds[i]} is negative", nameof(bounds));
            if (i > 0 && bounds[i] <= bounds[i - 1])
                throw new ArgumentException($"bucket bounds must be strictly increasing: {bounds[i]} after {bounds[i - 1]}", nameof(bounds));
        }

        _bounds = [.. bounds];
        _labels = [.. _bounds.Append(double.PositiveInfinity).Select(Encode)];
    }

    /// <summary>The bounds, without <c>+Inf</c>.</summary>
    public IReadOnlyList<double> Values => _bounds;

    /// <summary>Number of buckets with the <c>+Inf</c> bucket: the length that counts must have.</summary>
    public int BucketCount => _labels.Length;

    /// <summary>The bucket of a value: the first whose bound is not below it.</summary>
    public int IndexOf(double value)
    {
        int found = _bounds.AsSpan().BinarySearch(value);
        return found < 0 ? ~found : found;
    }

    /// <summary><c>le="0.5"} </c> of a bucket.</summary>
    internal ReadOnlySpan<byte> Label(int bucket) => _labels[bucket];

    private static byte[] Encode(double bound)
    {
        Span<byte> number = stackalloc byte[NumberFormat.MaxLength];
        return Encoding.UTF8.GetBytes($"le=\"{Encoding.UTF8.GetString(number[..NumberFormat.Write(number, bound)])}\"}} ");
    }
}
