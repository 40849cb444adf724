namespace CiMetrics.AlloyRunner.Toml;

/// <summary>A place in a text, and the small steps of reading it.</summary>
internal sealed class TomlCursor(string text)
{
    /// <summary>What <see cref="Current"/> is at the end of the text; no TOML may contain it.</summary>
    public const char End = '\0';

    /// <summary>Where it stands.</summary>
    public int Position { get; private set; }

    /// <summary>Whether the text is over.</summary>
    public bool IsAtEnd => Position >= text.Length;

    /// <summary>The character here.</summary>
    public char Current => Peek(0);

    /// <summary>The character further on.</summary>
    public char Peek(int distance) => Position + distance < text.Length ? text[Position + distance] : End;

    /// <summary>The next characters.</summary>
    public ReadOnlySpan<char> Rest => text.AsSpan(Position);

    /// <summary>Steps over characters.</summary>
    public void Skip(int count = 1) => Position += count;

    /// <summary>Steps over a text where it stands here.</summary>
    public bool TrySkip(string expected)
    {
        if (!Rest.StartsWith(expected, StringComparison.Ordinal)) return false;
        Position += expected.Length;
        return true;
    }

    /// <summary>Steps over spaces and tabs.</summary>
    public void SkipBlanks()
    {
        while (Current is ' ' or '\t') Position++;
    }

    /// <summary>Steps over a comment, if there is one, up to the end of its line.</summary>
    public void SkipComment()
    {
        if (Current != '#') return;
        while (!IsAtEnd && !IsAtLineEnd())
        {
            CheckCharacter();
            Position++;
        }
    }

    /// <summary>Steps over blanks, comments and line ends.</summary>
    public void SkipLines()
    {
        while (true)
        {
            SkipBlanks();
            SkipComment();
            if (!TrySkipLineEnd()) return;
        }
    }

    /// <summary>Steps over a line end where there is one.</summary>
    public bool TrySkipLineEnd()
    {
        if (!IsAtLineEnd()) return false;
        Position += Current == '\r' ? 2 : 1;
        return true;
    }

    /// <summary>Whether a line ends here.</summary>
    public bool IsAtLineEnd() => !IsAtEnd && (Current == '\n' || (Current == '\r' && Peek(1) == '\n'));

    /// <summary>Requires the end of the line, with a comment at most before it.</summary>
    public void ExpectLineEnd()
    {
        SkipBlanks();
        SkipComment();
        if (!IsAtEnd && !TrySkipLineEnd()) throw Error("there must be nothing more on this line");
    }

    /// <summary>Refuses a control character, and half of a character outside the first plane.</summary>
    public void CheckCharacter()
    {
        char c = Current;
        if ((c < ' ' && c != '\t') || c == '\x7f') throw Error($"the control character U+{(int)c:X4} must be written as an escape");
        if (char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && char.IsLowSurrogate(Peek(1))) && !(Position > 0 && char.IsLowSurrogate(c) && char.IsHighSurrogate(text[Position - 1])))
            throw Error("this is no character");
    }

    /// <summary>A mistake here.</summary>
    public TomlException Error(string problem) => ErrorAt(Position, problem);

    /// <summary>A mistake at another place.</summary>
    public TomlException ErrorAt(int position, string problem)
    {
        ReadOnlySpan<char> before = text.AsSpan(0, Math.Min(position, text.Length));
        int line = before.Count('\n') + 1;
        int column = before.Length - before.LastIndexOf('\n');
        return new TomlException(line, column, problem);
    }
}
