using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CiMetrics.Durable;

/// <summary>
/// The bytes of a file of records: a header of four times 8 bytes (signature and version, a number of the file's own,
/// how many records there are or -1 where they still come, a CRC-32C of the three), then records of
/// <c>length:4 crc:4 durable:8 payload</c>, all little endian. <c>durable</c> is how much of the file was on disk for
/// certain when the record was written; a record without payload, a seal, says only that. The CRC-32C covers all but
/// itself and begins with the file's number, so that bytes of another journal never pass.
/// </summary>
internal static class RecordFormat
{
    /// <summary>Length of the file's header, in bytes.</summary>
    public const int FileHeader = 32;

    /// <summary>The count in the header of a file that records are appended to.</summary>
    public const long Open = -1;

    /// <summary>Length of what comes before a payload, in bytes.</summary>
    public const int RecordHeader = 16;

    /// <summary>The longest payload, in bytes.</summary>
    public const int LongestPayload = 16 << 20;

    private static ReadOnlySpan<byte> Signature => "CIJRNL\0\x01"u8;

    /// <summary>The header of a file with the number and as many records.</summary>
    public static byte[] FileHeaderOf(ulong number, long records)
    {
        byte[] header = new byte[FileHeader];
        Signature.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(8), number);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), records);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(24), HeaderChecksum(header));
        return header;
    }

    /// <summary>Whether this is an intact header; gives the file's number and its count of records.</summary>
    public static bool TryReadFileHeader(ReadOnlySpan<byte> bytes, out ulong number, out long records)
    {
        (number, records) = (0, 0);
        if (bytes.Length < FileHeader || !bytes.StartsWith(Signature)) return false;
        // A changed number would make every record look torn.
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]) != HeaderChecksum(bytes)) return false;
        number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        records = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        return true;
    }

    /// <summary>Writes a record; the target is exactly as long as header and payload.</summary>
    public static void Write(Span<byte> target, ulong number, long durable, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], durable);
        payload.CopyTo(target[RecordHeader..]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Checksum(number, target));
    }

    /// <summary>The length that a record claims for its payload; negative where no record can begin.</summary>
    public static int PayloadLength(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length is >= 0 and <= LongestPayload ? length : -1;
    }

    /// <summary>How much of the file was durable when the record was written.</summary>
    public static long Durable(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[8..]);

    /// <summary>Whether a whole record is as it was written.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record, ulong number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) == Checksum(number, record);

    private static uint HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint crc = uint.MaxValue;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(header[..24]))
            crc = BitOperations.Crc32C(crc, word);
        return ~crc;
    }

    private static uint Checksum(ulong number, ReadOnlySpan<byte> record)
    {
        uint crc = BitOperations.Crc32C(uint.MaxValue, number);
        crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(record));
        ReadOnlySpan<byte> rest = record[8..];
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(rest))
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte value in rest[(rest.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
