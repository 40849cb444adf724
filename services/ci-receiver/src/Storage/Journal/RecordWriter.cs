using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>Writes the fields of a record.</summary>
internal readonly struct RecordWriter(ArrayBufferWriter<byte> output)
{
    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void Short(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public void Number(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public void Real(double value) => Number(BitConverter.DoubleToInt64Bits(value));

    public void Key(EventKey key)
    {
        key.Write(output.GetSpan(EventKey.Length));
        output.Advance(EventKey.Length);
    }

    public void Text(string text)
    {
        Span<byte> span = output.GetSpan(2 + Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, span[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)length));
        output.Advance(2 + length);
    }

    public void Series(SeriesKey key)
    {
        Text(key.Name);
        Text(key.Project);
        Text(key.Status);
    }
}
