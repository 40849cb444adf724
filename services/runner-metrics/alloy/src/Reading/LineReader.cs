using System.Text.Json;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>
/// Recognises the format of each line by itself (a runner's log may change it with the runner's configuration): the
/// runner's own text with or without colours, logrus's text, JSON, each also inside a line of syslog or of a container's
/// json-file log. Allocates nothing. Not thread-safe.
/// </summary>
internal sealed class LineReader
{
    private readonly byte[] _plain = new byte[256 << 10];
    private readonly byte[] _inner = new byte[256 << 10];
    private int _innerLength;

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="entry">What it says; over the line's bytes or over the reader's own, until the next line.</param>
    /// <returns>Whether there is an entry.</returns>
    public LineKind Read(ReadOnlySpan<byte> line, out LogEntry entry)
    {
        entry = default;
        if (line.IsEmpty) return LineKind.Nothing;
        if (line[0] == '{') return ReadJson(line, null, out entry, mayBeContainer: true);
        return ReadText(line, null, out entry);
    }

    private LineKind ReadText(ReadOnlySpan<byte> line, DateTimeOffset? time, out LogEntry entry)
    {
        entry = default;
        line = WithoutSyslog(line);
        if (line.IndexOf((byte)0x1b) >= 0) line = WithoutColours(line);
        line = WithoutTime(line, ref time);
        if (line.IsEmpty) return LineKind.Nothing;
        if (line.StartsWith("time="u8) || line.StartsWith("level="u8)) return ReadQuoted(line, time, out entry);
        if (line[0] == '{') return ReadJson(line, time, out entry, mayBeContainer: false);

        line = line.TrimEnd((byte)' ');
        if (line.IsEmpty) return LineKind.Nothing;
        LineLevel level = LevelOf(ref line);
        int begin = PlainFields.Begin(line);
        ReadOnlySpan<byte> message = (begin < 0 ? line : line[..begin]).TrimEnd((byte)' ');
        entry = new LogEntry { Level = level, Message = message, Fields = begin < 0 ? default : line[begin..], Syntax = FieldSyntax.Plain, Time = time };
        return begin >= 0 || level > LineLevel.Info || Messages.IsKnown(message) ? LineKind.Entry : LineKind.Unknown;
    }

    private static LineKind ReadQuoted(ReadOnlySpan<byte> line, DateTimeOffset? time, out LogEntry entry)
    {
        ReadOnlySpan<byte> rest = line, message = default;
        LineLevel? level = null;
        // These three come first; what else is there is looked for only where it is needed.
        while (message.IsEmpty && QuotedFields.TryNext(ref rest, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("time"u8)) time ??= TimeOf(value);
            else if (key.SequenceEqual("level"u8)) level = LevelOf(value);
            else if (key.SequenceEqual("msg"u8)) message = value;
        }
        entry = new LogEntry { Level = level ?? LineLevel.Info, Message = message, Fields = rest, Syntax = FieldSyntax.Quoted, Time = time };
        return level is not null && !message.IsEmpty ? LineKind.Entry : LineKind.Unknown;
    }

    private LineKind ReadJson(ReadOnlySpan<byte> line, DateTimeOffset? given, out LogEntry entry, bool mayBeContainer)
    {
        entry = default;
        ReadOnlySpan<byte> message = default, container = default;
        bool hasMessage = false, hasEscapes = false;
        LineLevel? level = null;
        DateTimeOffset? time = null;
        Utf8JsonReader reader = new(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return LineKind.Unknown;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int which = reader.ValueTextEquals("msg"u8) ? 1 : reader.ValueTextEquals("level"u8) ? 2 : reader.ValueTextEquals("time"u8) ? 3 : reader.ValueTextEquals("log"u8) ? 4 : 0;
                if (!reader.Read()) return LineKind.Unknown;
                if (reader.TokenType == JsonTokenType.String)
                {
                    ReadOnlySpan<byte> value = reader.ValueSpan;
                    switch (which)
                    {
                        case 1:
                            message = value;
                            hasMessage = true;
                            break;
                        case 2:
                            level = LevelOf(value);
                            break;
                        case 3:
                            time = TimeOf(value);
                            break;
                        case 4:
                            container = value;
                            hasEscapes = reader.ValueIsEscaped;
                            break;
                    }
                }
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return LineKind.Unknown;
        }
        if (mayBeContainer && !hasMessage && level is null && !container.IsEmpty) return ReadContainer(container, hasEscapes, time, out entry);
        entry = new LogEntry { Level = level ?? LineLevel.Info, Message = message, Fields = line, Syntax = FieldSyntax.Json, Time = time ?? given };
        return hasMessage && level is not null ? LineKind.Entry : LineKind.Unknown;
    }

    // A container's log splits lines of over 16 KiB: a part has no line ending.
    private LineKind ReadContainer(ReadOnlySpan<byte> text, bool hasEscapes, DateTimeOffset? time, out LogEntry entry)
    {
        entry = default;
        int room = _inner.Length - _innerLength;
        int length = hasEscapes ? JsonText.Unescape(text, _inner.AsSpan(_innerLength)) : Math.Min(text.Length, room);
        if (!hasEscapes) text[..length].CopyTo(_inner.AsSpan(_innerLength));
        _innerLength += length;
        ReadOnlySpan<byte> whole = _inner.AsSpan(0, _innerLength);
        bool isComplete = whole is [.., (byte)'\n'] || _innerLength == _inner.Length;
        if (!isComplete) return LineKind.Part;
        _innerLength = 0;
        whole = whole.TrimEnd("\r\n"u8);
        if (whole.IsEmpty) return LineKind.Nothing;
        return whole[0] == '{' ? ReadJson(whole, time, out entry, mayBeContainer: false) : ReadText(whole, time, out entry);
    }

    // "Jan  2 03:04:05 host program[123]: text": only where a format follows that says itself what it is.
    private static ReadOnlySpan<byte> WithoutSyslog(ReadOnlySpan<byte> line)
    {
        int end = line[..Math.Min(line.Length, 160)].IndexOf("]: "u8);
        if (end < 0) return line;
        ReadOnlySpan<byte> rest = line[(end + 3)..];
        return rest.StartsWith("time="u8) || rest.StartsWith("level="u8) || rest.StartsWith("{"u8) ? rest : line;
    }

    private static ReadOnlySpan<byte> WithoutTime(ReadOnlySpan<byte> line, scoped ref DateTimeOffset? time)
    {
        if (line.Length < 21 || line[4] != '-' || line[10] != 'T') return line;
        int blank = line[..Math.Min(line.Length, 40)].IndexOf((byte)' ');
        if (blank < 0 || TimeOf(line[..blank]) is not { } found) return line;
        time ??= found;
        return line[(blank + 1)..].TrimStart((byte)' ');
    }

    private ReadOnlySpan<byte> WithoutColours(ReadOnlySpan<byte> line)
    {
        int length = 0;
        while (!line.IsEmpty)
        {
            int escape = line.IndexOf((byte)0x1b);
            ReadOnlySpan<byte> text = escape < 0 ? line : line[..escape];
            text = text[..Math.Min(text.Length, _plain.Length - length)];
            text.CopyTo(_plain.AsSpan(length));
            length += text.Length;
            if (escape < 0) break;
            line = line[(escape + 1)..];
            if (line is not [(byte)'[', ..]) continue;
            int end = 1;
            while (end < line.Length && line[end] is (>= (byte)'0' and <= (byte)'9') or (byte)';') end++;
            line = line[Math.Min(line.Length, end + 1)..];
        }
        return _plain.AsSpan(0, length);
    }

    private static LineLevel LevelOf(scoped ref ReadOnlySpan<byte> line)
    {
        (int Length, LineLevel Level) found = line[0] switch
        {
            (byte)'W' when line.StartsWith("WARNING: "u8) => (9, LineLevel.Warning),
            (byte)'E' when line.StartsWith("ERROR: "u8) => (7, LineLevel.Error),
            (byte)'F' when line.StartsWith("FATAL: "u8) => (7, LineLevel.Fatal),
            (byte)'P' when line.StartsWith("PANIC: "u8) => (7, LineLevel.Panic),
            _ => (0, LineLevel.Info),
        };
        line = line[found.Length..];
        return found.Level;
    }

    private static LineLevel? LevelOf(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("info"u8) => LineLevel.Info,
        _ when word.SequenceEqual("warning"u8) || word.SequenceEqual("warn"u8) => LineLevel.Warning,
        _ when word.SequenceEqual("error"u8) => LineLevel.Error,
        _ when word.SequenceEqual("debug"u8) || word.SequenceEqual("trace"u8) => LineLevel.Debug,
        _ when word.SequenceEqual("fatal"u8) => LineLevel.Fatal,
        _ when word.SequenceEqual("panic"u8) => LineLevel.Panic,
        _ => null,
    };

    // RFC 3339 with up to nine digits of a second; the clock here knows seven.
    private static DateTimeOffset? TimeOf(ReadOnlySpan<byte> text)
    {
        Span<byte> copy = stackalloc byte[40];
        int length = 0, digits = 0;
        bool isFraction = false;
        foreach (byte value in text)
        {
            if (value == '.') isFraction = true;
            else if (value is < (byte)'0' or > (byte)'9') isFraction = false;
            else if (isFraction && ++digits > 7) continue;
            if (length == copy.Length) return null;
            copy[length++] = value;
        }
        Span<byte> quoted = stackalloc byte[42];
        quoted[0] = (byte)'"';
        copy[..length].CopyTo(quoted[1..]);
        quoted[length + 1] = (byte)'"';
        Utf8JsonReader reader = new(quoted[..(length + 2)]);
        try
        {
            return reader.Read() && reader.TryGetDateTimeOffset(out DateTimeOffset time) ? time : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a line is.</summary>
internal enum LineKind
{
    /// <summary>A line of one of the runner's formats.</summary>
    Entry,

    /// <summary>An empty line.</summary>
    Nothing,

    /// <summary>The beginning or middle of a line that goes on in the next one.</summary>
    Part,

    /// <summary>Something else: a stack trace, another program's line, damage.</summary>
    Unknown,
}
