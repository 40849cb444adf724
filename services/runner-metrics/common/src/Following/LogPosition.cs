using System.Numerics;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>
/// How far a log was read: which file, and where in it the first line begins that was not handed on. Kept together with
/// what was counted up to there, it says after a crash where to go on.
/// </summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file in it.</param>
/// <param name="Offset">Bytes from the file's beginning; always the beginning of a line.</param>
/// <param name="TailLength">How many bytes before the offset <see cref="TailChecksum"/> is over.</param>
/// <param name="TailChecksum">
/// Stands for the bytes before the offset: an inode is used again, and a file that was copied and truncated keeps its
/// own, so that the identity alone does not say that the content is still what was read.
/// </param>
/// <param name="ModifiedNanoseconds">
/// When the file was last written as it was looked at, since 1970. Where nothing of it was read yet, files written later
/// are known to come after the position.
/// </param>
public sealed record LogPosition(ulong Device, ulong Inode, long Offset, int TailLength, ulong TailChecksum, long ModifiedNanoseconds)
{
    /// <summary>The most bytes that the checksum is over.</summary>
    public const int LongestTail = 1024;

    /// <summary>The checksum of a tail: two CRC-32C with different beginnings, which need no library.</summary>
    public static ulong ChecksumOf(ReadOnlySpan<byte> tail)
    {
        (uint low, uint high) = (uint.MaxValue, 0x9e3779b9);
        foreach (byte value in tail)
        {
            low = BitOperations.Crc32C(low, value);
            high = BitOperations.Crc32C(high, (byte)(value ^ (low & 0xff)));
        }
        return ((ulong)high << 32) | low;
    }
}
