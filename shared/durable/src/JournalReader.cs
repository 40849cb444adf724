using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>Reads a journal from its beginning and tells a tail that a crash tore from bytes that have changed.</summary>
internal sealed class JournalReader(SafeFileHandle handle, string path, ulong number)
{
    private const int ReadAhead = 1 << 20;

    private readonly long _end = RandomAccess.GetLength(handle);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(ReadAhead);
    private long _bufferOffset;
    private int _buffered;

    /// <summary>Hands all records on.</summary>
    /// <returns>How many there are, where the last one ends, and whether a seal is the last of all.</returns>
    /// <exception cref="DamagedFileException">A record that was durable is not intact.</exception>
    public (long Records, long End, bool IsSealed) ReadAll(RecordHandler handler)
    {
        try
        {
            long offset = RecordFormat.FileHeader;
            long records = 0;
            bool isSealed = false;
            while (offset < _end)
            {
                ReadOnlySpan<byte> record = RecordAt(offset);
                if (record.IsEmpty)
                {
                    RefuseDamage(offset);
                    break;
                }
                isSealed = record.Length == RecordFormat.RecordHeader;
                offset += record.Length;
                if (isSealed) continue;
                handler(record[RecordFormat.RecordHeader..]);
                records++;
            }
            return (records, offset, isSealed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>The intact record that begins at the offset; empty where there is none.</summary>
    private ReadOnlySpan<byte> RecordAt(long offset)
    {
        if (offset + RecordFormat.RecordHeader > _end) return default;
        int payload = RecordFormat.PayloadLength(Bytes(offset, RecordFormat.RecordHeader));
        if (payload < 0 || offset + RecordFormat.RecordHeader + payload > _end) return default;
        ReadOnlySpan<byte> record = Bytes(offset, RecordFormat.RecordHeader + payload);
        return RecordFormat.IsIntact(record, number) ? record : default;
    }

    // Records that were not synced yet may have reached the disk in any order, so a broken one with intact ones behind
    // it is a torn tail as well; but not if one of those says that the broken place had been durable before.
    private void RefuseDamage(long broken)
    {
        for (long offset = broken + 1; offset + RecordFormat.RecordHeader <= _end; offset++)
        {
            ReadOnlySpan<byte> record = RecordAt(offset);
            if (record.IsEmpty) continue;
            if (RecordFormat.Durable(record) > broken)
                throw new DamagedFileException(path, broken, $"the record there is not as it was written, and those from byte {offset} on are");
            offset += record.Length - 1;
        }
    }

    private ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        if (offset < _bufferOffset || offset + count > _bufferOffset + _buffered) Fill(offset, count);
        return _buffer.AsSpan((int)(offset - _bufferOffset), count);
    }

    private void Fill(long offset, int count)
    {
        if (count > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(count);
        }
        _bufferOffset = offset;
        _buffered = 0;
        while (_buffered < count)
        {
            int read = RandomAccess.Read(handle, _buffer.AsSpan(_buffered), offset + _buffered);
            if (read == 0) throw new IOException($"the file {path} was made shorter while it was read");
            _buffered += read;
        }
    }
}
