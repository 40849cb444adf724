using System.Buffers;
using System.Text;

namespace CiMetrics.Pprof;

/// <summary>Protocol buffers, as much of them as profile.proto needs.</summary>
internal sealed class ProtoWriter
{
    private const int VarintType = 0;
    private const int LengthType = 2;

    private readonly ArrayBufferWriter<byte> _output = new();

    /// <summary>A number; zero is what an absent field means, and is left out.</summary>
    public void Number(int field, ulong value)
    {
        if (value == 0) return;
        Varint(Tag(field, VarintType));
        Varint(value);
    }

    /// <summary>A text, also an empty one.</summary>
    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message inside this one.</summary>
    public void Message(int field, ProtoWriter message) => Bytes(field, message.ToArray());

    /// <summary>Numbers, one after the other.</summary>
    public void Packed(int field, IEnumerable<ulong> values)
    {
        ProtoWriter packed = new();
        foreach (ulong value in values) packed.Varint(value);
        Message(field, packed);
    }

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _output.WrittenSpan.ToArray();

    private static ulong Tag(int field, int type) => ((ulong)field << 3) | (uint)type;

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(Tag(field, LengthType));
        Varint((ulong)value.Length);
        _output.Write(value);
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _output.Write([(byte)(value | 0x80)]);
            value >>= 7;
        }
        _output.Write([(byte)value]);
    }
}
