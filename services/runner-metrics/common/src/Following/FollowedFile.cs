using CiMetrics.Durable;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>One file while it is read, from a position to its present end, again and again. Not thread-safe.</summary>
internal sealed class FollowedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly LineSplitter _splitter = new();
    private readonly byte[] _tail = new byte[LogPosition.LongestTail];
    private int _tailLength;
    private FileIdentity _looked;

    private FollowedFile(SafeFileHandle handle, FileIdentity identity, long offset)
    {
        _handle = handle;
        Identity = _looked = identity;
        Offset = offset;
        _tailLength = ReadTail(offset, _tail);
    }

    /// <summary>Which file it is, as it was when it was opened.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Up to where it was read, the line without an end included.</summary>
    public long Offset { get; private set; }

    /// <summary>Its present length.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Whether it was written to since this was last asked: it may have the same length and other content.</summary>
    public bool WasWrittenSinceLook()
    {
        FileIdentity before = _looked;
        _looked = FileIdentity.Of(_handle);
        return _looked.Size != Offset || _looked.ModifiedNanoseconds != before.ModifiedNanoseconds;
    }

    /// <summary>Whether it was written to since it was opened.</summary>
    public bool WasWritten => FileIdentity.Of(_handle).ModifiedNanoseconds != Identity.ModifiedNanoseconds;

    /// <summary>Where to go on after a restart.</summary>
    public LogPosition Position => new(
        Identity.Device, Identity.Inode, Offset - _splitter.Pending, _tailLength, LogPosition.ChecksumOf(_tail.AsSpan(0, _tailLength)), Identity.ModifiedNanoseconds);

    /// <summary>Opens a file that is known to be one: opening a pipe would make us its reader.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FollowedFile Open(string path, long offset)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return new FollowedFile(handle, FileIdentity.Of(handle), offset);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the file still begins with what was read: not shorter, and with the same bytes before the position.
    /// </summary>
    public bool Continues()
    {
        Span<byte> now = stackalloc byte[LogPosition.LongestTail];
        long position = Offset - _splitter.Pending;
        if (Length < Offset) return false;
        int length = ReadTail(position, now);
        return length >= _tailLength && now[(length - _tailLength)..length].SequenceEqual(_tail.AsSpan(0, _tailLength));
    }

    /// <summary>Whether the file holds, up to that position, what had been read of the file that the position is of.</summary>
    public bool Holds(LogPosition position)
    {
        if (Length < position.Offset || position.TailLength is < 0 or > LogPosition.LongestTail) return false;
        Span<byte> now = stackalloc byte[LogPosition.LongestTail];
        int length = ReadTail(position.Offset, now);
        return length >= position.TailLength
            && LogPosition.ChecksumOf(now[(length - position.TailLength)..length]) == position.TailChecksum;
    }

    /// <summary>Reads one buffer full; gives the bytes and lines, none at the present end.</summary>
    public (int Bytes, int Lines) Read(byte[] buffer, LineHandler handler)
    {
        int read = RandomAccess.Read(_handle, buffer, Offset);
        if (read == 0) return (0, 0);
        ReadOnlySpan<byte> piece = buffer.AsSpan(0, read);
        long before = _splitter.Pending;
        int lines = _splitter.Feed(piece, handler);
        Offset += read;
        // The tail ends where the last whole line does.
        if (lines > 0) MoveTail(piece, read - (int)_splitter.Pending, before);
        return (read, lines);
    }

    /// <summary>Hands on what has no line ending: nobody writes to this file any more.</summary>
    public int Finish(LineHandler handler)
    {
        int lines = _splitter.Finish(handler);
        if (lines > 0) _tailLength = ReadTail(Offset, _tail);
        return lines;
    }

    /// <summary>The lines that were too long since the last question.</summary>
    public long TakeCutLines() => _splitter.TakeCutLines();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private void MoveTail(ReadOnlySpan<byte> piece, int end, long pendingBefore)
    {
        if (end >= LogPosition.LongestTail)
        {
            piece[(end - LogPosition.LongestTail)..end].CopyTo(_tail);
            _tailLength = LogPosition.LongestTail;
        }
        else if (pendingBefore > 0)
        {
            // A line that was pending lies between the old tail and this piece.
            _tailLength = ReadTail(Offset - _splitter.Pending, _tail);
        }
        else
        {
            int kept = Math.Min(_tailLength, LogPosition.LongestTail - end);
            _tail.AsSpan(_tailLength - kept, kept).CopyTo(_tail);
            piece[..end].CopyTo(_tail.AsSpan(kept));
            _tailLength = kept + end;
        }
    }

    private int ReadTail(long offset, Span<byte> target)
    {
        int length = (int)Math.Min(offset, LogPosition.LongestTail);
        int read = 0;
        while (read < length)
        {
            int more = RandomAccess.Read(_handle, target[read..length], offset - length + read);
            if (more == 0) break;
            read += more;
        }
        return read;
    }
}
