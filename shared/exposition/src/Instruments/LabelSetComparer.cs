namespace CiMetrics.Exposition;

/// <summary>Compares label sets by their bytes, also against bytes that are no label set yet, so that finding a child allocates nothing.</summary>
internal sealed class LabelSetComparer : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<byte>, LabelSet>
{
    public static LabelSetComparer Instance { get; } = new();

    public bool Equals(LabelSet? x, LabelSet? y) => x is null ? y is null : y is not null && x.Closed.SequenceEqual(y.Closed);

    public bool Equals(ReadOnlySpan<byte> alternate, LabelSet other) => other.Closed.SequenceEqual(alternate);

    public int GetHashCode(LabelSet obj) => (int)obj.Hash;

    public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)LabelEncoding.Hash(alternate);

    public LabelSet Create(ReadOnlySpan<byte> alternate) => throw new NotSupportedException();
}
