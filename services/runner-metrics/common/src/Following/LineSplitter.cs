namespace CiMetrics.RunnerMetrics.Following;

/// <summary>
/// Cuts a stream of bytes into lines. A line inside one piece is handed on where it lies; one that goes on in the next
/// piece is gathered, and one longer than <see cref="LongestLine"/> is reduced to its beginning and its end, so that no
/// line takes more memory than that.
/// </summary>
public sealed class LineSplitter
{
    /// <summary>Bytes of a line that are kept whole.</summary>
    public const int LongestLine = 256 << 10;

    /// <summary>Bytes that are kept of the beginning, and as many of the end, of a longer line.</summary>
    public const int KeptOfLongLine = 64 << 10;

    private byte[] _pending = [];
    private int _length;
    private long _total;
    private long _cutLines;

    /// <summary>Bytes of the line that has no end yet.</summary>
    public long Pending => _total;

    /// <summary>Hands on every line that ends in this piece.</summary>
    /// <param name="piece">The next bytes.</param>
    /// <param name="handler">Gets the lines.</param>
    /// <returns>How many lines there were.</returns>
    public int Feed(ReadOnlySpan<byte> piece, LineHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        int lines = 0;
        while (true)
        {
            int end = piece.IndexOf((byte)'\n');
            if (end < 0) break;
            if (_total == 0) handler(WithoutReturn(piece[..end]), isCut: false);
            else
            {
                Keep(piece[..end]);
                Complete(handler);
            }
            lines++;
            piece = piece[(end + 1)..];
        }
        if (piece.Length > 0) Keep(piece);
        return lines;
    }

    /// <summary>Hands on what has no line ending: nothing more will come. Gives the number of lines, 0 or 1.</summary>
    public int Finish(LineHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (_total == 0) return 0;
        Complete(handler);
        return 1;
    }

    /// <summary>The lines that were too long since the last question.</summary>
    public long TakeCutLines()
    {
        long taken = _cutLines;
        _cutLines = 0;
        return taken;
    }

    /// <summary>Forgets the line that has no end yet.</summary>
    public void Reset() => (_pending, _length, _total) = (_pending.Length > KeptOfLongLine ? [] : _pending, 0, 0);

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.. var rest, (byte)'\r'] ? rest : line;

    private void Complete(LineHandler handler)
    {
        bool isCut = _total > LongestLine;
        if (isCut) _cutLines++;
        handler(WithoutReturn(_pending.AsSpan(0, _length)), isCut);
        Reset();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _total += bytes.Length;
        while (bytes.Length > 0)
        {
            if (_length == LongestLine) DropMiddle();
            Grow(Math.Min(_length + bytes.Length, LongestLine));
            int room = Math.Min(bytes.Length, LongestLine - _length);
            bytes[..room].CopyTo(_pending.AsSpan(_length));
            _length += room;
            bytes = bytes[room..];
        }
        // What is handed on of a long line is its beginning and the last bytes, however it came in.
        if (_total > LongestLine && _length > 2 * KeptOfLongLine) DropMiddle();
    }

    private void DropMiddle()
    {
        _pending.AsSpan(_length - KeptOfLongLine, KeptOfLongLine).CopyTo(_pending.AsSpan(KeptOfLongLine));
        _length = 2 * KeptOfLongLine;
    }

    private void Grow(int needed)
    {
        if (needed > _pending.Length) Array.Resize(ref _pending, Math.Min(LongestLine, Math.Max(needed, Math.Max(4096, 2 * _pending.Length))));
    }
}
