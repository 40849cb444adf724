using System.Buffers.Binary;
using System.Text;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>Reads the fields of a record. The journal has checked that the bytes are as they were written.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes, TextPool texts)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything is read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    public byte Byte() => Take(1)[0];

    public uint Short() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public long Number() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public double Real() => BitConverter.Int64BitsToDouble(Number());

    public EventKey Key() => EventKey.Read(Take(EventKey.Length));

    public string Text() => texts.Get(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(2))));

    public SeriesKey Series() => new(Text(), Text(), Text());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new InvalidDataException("a record is shorter than its fields");
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

/// <summary>The texts met so far: a million events have few, and each is made once.</summary>
internal sealed class TextPool
{
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>The text of UTF-8 bytes.</summary>
    public string Get(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        ReadOnlySpan<char> text = characters[..Encoding.UTF8.GetChars(bytes, characters)];
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out string? known)) return known;
        string made = text.ToString();
        _texts.Add(made);
        return made;
    }
}
