using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>A file of records that is written once, as a whole, and read strictly.</summary>
internal static class RecordFile
{
    private const int Chunk = 256 << 10;

    /// <summary>A number that no other file has.</summary>
    public static ulong NewNumber() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>Reads the header of a file of records.</summary>
    /// <exception cref="DamagedFileException">It has none of this version, or it has changed.</exception>
    public static (ulong Number, long Records) ReadHeader(SafeFileHandle handle, string path)
    {
        Span<byte> header = stackalloc byte[RecordFormat.FileHeader];
        int read = RandomAccess.Read(handle, header, 0);
        return RecordFormat.TryReadFileHeader(header[..read], out ulong number, out long records)
            ? (number, records)
            : throw new DamagedFileException(path, 0, "it does not begin as a file of this version does");
    }

    /// <summary>Writes the file in place of an older one; it is durable when this returns.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="produce">Hands every record to the given handler.</param>
    /// <exception cref="IOException">It cannot be written: the old file is untouched.</exception>
    public static void Write(string path, Action<RecordHandler> produce) => AtomicFile.Write(path, handle =>
    {
        ulong number = NewNumber();
        ArrayBufferWriter<byte> pending = new(Chunk);
        long offset = RecordFormat.FileHeader;
        long records = 0;
        produce(payload =>
        {
            int length = RecordFormat.RecordHeader + payload.Length;
            RecordFormat.Write(pending.GetSpan(length)[..length], number, 0, payload);
            pending.Advance(length);
            records++;
            if (pending.WrittenCount >= Chunk) Flush();
        });
        Flush();
        RandomAccess.Write(handle, RecordFormat.FileHeaderOf(number, records), 0);

        void Flush()
        {
            RandomAccess.Write(handle, pending.WrittenSpan, offset);
            offset += pending.WrittenCount;
            pending.ResetWrittenCount();
        }
    });

    /// <summary>Hands every record on; gives how many there are.</summary>
    /// <exception cref="DamagedFileException">It is not as it was written.</exception>
    public static long Read(string path, RecordHandler handler)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        (ulong number, long expected) = ReadHeader(handle, path);
        (long records, long end, _) = new JournalReader(handle, path, number).ReadAll(handler);
        if (records != expected || end != RandomAccess.GetLength(handle))
            throw new DamagedFileException(path, end, $"of its {expected} records {records} are intact");
        return records;
    }
}
