using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>A line of a diagnostic log that begins an entry: <c>[2026-11-20 10:00:00Z INFO JobDispatcher] text</c>.</summary>
internal readonly ref struct LogHeader
{
    private const int TimeLength = 20;

    private LogHeader(DateTimeOffset time, ReadOnlySpan<byte> source, ReadOnlySpan<byte> text)
    {
        Time = time;
        Source = source;
        Text = text;
    }

    /// <summary>When it was written, to a second.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The part of the runner that wrote it.</summary>
    public ReadOnlySpan<byte> Source { get; }

    /// <summary>What it says.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Reads a line; false for one that goes on with the entry before.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out LogHeader header)
    {
        header = default;
        // [time, blank, four letters of the level, blank, source, ] and a blank.
        if (line.Length < TimeLength + 9 || line[0] != (byte)'[' || line[TimeLength + 1] != (byte)' ' || line[TimeLength + 6] != (byte)' ') return false;
        if (!TryReadTime(line.Slice(1, TimeLength), out DateTimeOffset time)) return false;
        ReadOnlySpan<byte> rest = line[(TimeLength + 7)..];
        int end = rest.IndexOf("] "u8);
        if (end <= 0 || rest[..end].Contains((byte)' ')) return false;
        header = new LogHeader(time, rest[..end], rest[(end + 2)..]);
        return true;
    }

    /// <summary>Reads <c>2026-11-20 10:00:00Z</c>.</summary>
    public static bool TryReadTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != TimeLength || text[^1] != (byte)'Z') return false;
        Span<char> characters = stackalloc char[TimeLength];
        return Encoding.ASCII.TryGetChars(text, characters, out _)
            && DateTimeOffset.TryParseExact(characters, "u", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>Reads what stands between two texts that must be there, and nothing else.</summary>
    public static bool TryReadBetween(ReadOnlySpan<byte> text, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, out ReadOnlySpan<byte> between)
    {
        between = default;
        if (text.Length < before.Length + after.Length || !text.StartsWith(before) || !text.EndsWith(after)) return false;
        between = text[before.Length..^after.Length];
        return true;
    }

    /// <summary>Reads an id of 36 characters and nothing else.</summary>
    public static bool TryReadGuid(ReadOnlySpan<byte> text, out Guid id)
    {
        id = default;
        return text.Length == 36 && Utf8Parser.TryParse(text, out id, out int read) && read == text.Length;
    }
}
