using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Receiver.Events;

/// <summary>
/// What tells two deliveries of one event from two events: the first 128 bits of the SHA-256 of the sender's key. Among
/// a thousand million of them the chance that any two are equal is 1 to 7 * 10^20.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct EventKey(ulong High, ulong Low)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 16;

    /// <summary>The longest key that a sender may use, in characters.</summary>
    public const int LongestText = 256;

    /// <summary>The key of a text.</summary>
    public static EventKey Of(string text)
    {
        Span<byte> bytes = stackalloc byte[LongestText * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], hash);
        return Read(hash);
    }

    /// <summary>Reads 16 bytes.</summary>
    public static EventKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    /// <summary>Writes 16 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Low);
    }
}
