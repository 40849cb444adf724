using System.Globalization;
using System.Text;

namespace CiMetrics.AlloyRunner.Toml;

/// <summary>Strings: basic and literal, on one line or several.</summary>
internal static class TomlStrings
{
    /// <summary>Reads the string that begins at the cursor.</summary>
    /// <param name="cursor">Stands at the opening quotation mark.</param>
    /// <param name="allowLines">Whether it may be one of several lines: keys may not.</param>
    public static string Read(TomlCursor cursor, bool allowLines)
    {
        char quote = cursor.Current;
        string three = new(quote, 3);
        if (!cursor.Rest.StartsWith(three, StringComparison.Ordinal)) return ReadLine(cursor, quote);
        // As a key, two quotation marks are the empty key, and a third is a mistake that the caller finds.
        if (!allowLines)
        {
            cursor.Skip(2);
            return "";
        }
        cursor.Skip(3);
        return ReadLines(cursor, quote, three);
    }

    private static string ReadLine(TomlCursor cursor, char quote)
    {
        int start = cursor.Position;
        cursor.Skip();
        StringBuilder value = new();
        while (cursor.Current != quote)
        {
            if (cursor.IsAtEnd || cursor.IsAtLineEnd()) throw cursor.ErrorAt(start, "this string has no end on its line");
            Append(cursor, quote, value);
        }
        cursor.Skip();
        return value.ToString();
    }

    private static string ReadLines(TomlCursor cursor, char quote, string three)
    {
        int start = cursor.Position - 3;
        StringBuilder value = new();
        // A line end right after the quotation marks is not part of it.
        cursor.TrySkipLineEnd();
        while (!cursor.TrySkip(three))
        {
            if (cursor.IsAtEnd) throw cursor.ErrorAt(start, "this string has no end");
            if (cursor.TrySkipLineEnd()) value.Append('\n');
            else if (quote == '"' && cursor.Current == '\\' && SkipFolded(cursor)) continue;
            else Append(cursor, quote, value);
        }
        // One or two quotation marks may stand right before the closing ones.
        for (int i = 0; i < 2 && cursor.Current == quote; i++)
        {
            value.Append(quote);
            cursor.Skip();
        }
        return value.ToString();
    }

    private static void Append(TomlCursor cursor, char quote, StringBuilder value)
    {
        if (quote == '"' && cursor.Current == '\\')
        {
            AppendEscape(cursor, value);
            return;
        }
        cursor.CheckCharacter();
        value.Append(cursor.Current);
        cursor.Skip();
    }

    // A backslash at the end of a line takes away the line end and all blank that follows.
    private static bool SkipFolded(TomlCursor cursor)
    {
        int distance = 1;
        while (cursor.Peek(distance) is ' ' or '\t') distance++;
        if (cursor.Peek(distance) != '\n' && !(cursor.Peek(distance) == '\r' && cursor.Peek(distance + 1) == '\n')) return false;
        cursor.Skip(distance);
        do cursor.SkipBlanks();
        while (cursor.TrySkipLineEnd());
        return true;
    }

    private static void AppendEscape(TomlCursor cursor, StringBuilder value)
    {
        char? simple = cursor.Peek(1) switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            _ => null,
        };
        if (simple is { } character)
        {
            value.Append(character);
            cursor.Skip(2);
            return;
        }
        int digits = cursor.Peek(1) switch { 'u' => 4, 'U' => 8, _ => throw cursor.Error("there is no such escape; a backslash itself is written \\\\") };
        ReadOnlySpan<char> rest = cursor.Rest;
        if (rest.Length < 2 + digits || !uint.TryParse(rest.Slice(2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || !Rune.IsValid(code))
            throw cursor.Error($"this escape needs {digits} hexadecimal digits that are the number of a character");
        value.Append(new Rune(code).ToString());
        cursor.Skip(2 + digits);
    }
}
