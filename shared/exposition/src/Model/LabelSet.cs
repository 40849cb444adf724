using System.Text;

namespace CiMetrics.Exposition;

/// <summary>
/// Label values, encoded once as <c>a="x",b="y"} </c> and reused by every scrape and registry.
/// The closing brace and the space are part of the bytes, so that a sample of a registry without static labels is two copies and a number.
/// </summary>
public sealed class LabelSet
{
    /// <summary>The bytes that end a label set.</summary>
    internal const int ClosingLength = 2;

    private readonly byte[] _encoded;

    internal LabelSet(LabelSchema schema, byte[] encoded)
    {
        Schema = schema;
        _encoded = encoded;
        Hash = LabelEncoding.Hash(encoded);
    }

    /// <summary>The label set of a series without labels.</summary>
    public static LabelSet Empty { get; } = new(LabelSchema.Empty, []);

    /// <summary>The names that the values belong to.</summary>
    public LabelSchema Schema { get; }

    /// <summary>Hash of the encoded labels, for the check of duplicates.</summary>
    internal ulong Hash { get; }

    /// <summary>Whether there are no labels.</summary>
    internal bool IsEmpty => _encoded.Length == 0;

    /// <summary><c>a="x",b="y"} </c>; empty for the empty set.</summary>
    internal ReadOnlySpan<byte> Closed => _encoded;

    /// <summary><c>a="x",b="y"</c>; not for the empty set.</summary>
    internal ReadOnlySpan<byte> Open => _encoded.AsSpan(0, _encoded.Length - ClosingLength);

    /// <summary>The labels as they stand in the output.</summary>
    public override string ToString() => IsEmpty ? "{}" : "{" + Encoding.UTF8.GetString(Open) + "}";
}
