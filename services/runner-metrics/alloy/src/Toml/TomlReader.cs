using System.Text;

namespace CiMetrics.AlloyRunner.Toml;

/// <summary>
/// Reads TOML 1.0 (toml.io/en/v1.0.0), all of it and nothing else. Written here because no TOML package can be had from
/// every registry that this is built with.
/// </summary>
internal sealed class TomlReader
{
    private const int DeepestNesting = 64;

    private readonly TomlCursor _cursor;
    private readonly TomlTable _root = new() { Origin = TomlOrigin.Header };
    private TomlTable _table;
    private int _depth;

    private TomlReader(string text)
    {
        _cursor = new TomlCursor(text);
        _table = _root;
    }

    /// <summary>Reads a text.</summary>
    /// <exception cref="TomlException">It is no TOML; says where and why.</exception>
    public static TomlTable Read(string text)
    {
        TomlReader reader = new(text is ['\uFEFF', ..] ? text[1..] : text);
        reader.ReadAll();
        return reader._root;
    }

    /// <summary>Reads UTF-8.</summary>
    /// <exception cref="TomlException">It is no UTF-8 or no TOML; says where and why.</exception>
    public static TomlTable Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8));
        }
        catch (DecoderFallbackException exception)
        {
            ReadOnlySpan<byte> before = utf8[..Math.Max(0, exception.Index)];
            throw new TomlException(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'), "the text is not UTF-8 here");
        }
    }

    private void ReadAll()
    {
        while (true)
        {
            _cursor.SkipLines();
            if (_cursor.IsAtEnd) return;
            if (_cursor.Current == '[') ReadHeader();
            else ReadPair(_table, isInline: false);
            _cursor.ExpectLineEnd();
        }
    }

    private void ReadHeader()
    {
        int start = _cursor.Position;
        bool isArray = _cursor.TrySkip("[[");
        if (!isArray) _cursor.Skip();
        List<string> path = ReadKey();
        if (!_cursor.TrySkip(isArray ? "]]" : "]")) throw _cursor.Error(isArray ? "]] must end the header here" : "] must end the header here");
        TomlTable parent = _root;
        foreach (string key in path[..^1]) parent = Descend(parent, key, start);
        _table = isArray ? AddToArray(parent, path[^1], start) : Define(parent, path[^1], start);
    }

    private TomlTable Descend(TomlTable table, string key, int start)
    {
        if (!table.TryGet(key, out object? value))
        {
            TomlTable made = new() { Origin = TomlOrigin.Implied };
            table.TryAdd(key, made);
            return made;
        }
        return value switch
        {
            TomlTable { Origin: not TomlOrigin.Inline } found => found,
            TomlArray { IsOfTables: true } array => (TomlTable)array.Items[^1],
            _ => throw _cursor.ErrorAt(start, $"{Shown(key)} is no table that can be added to"),
        };
    }

    private TomlTable Define(TomlTable parent, string key, int start)
    {
        TomlTable table = new() { Origin = TomlOrigin.Header };
        if (parent.TryAdd(key, table)) return table;
        if (!parent.TryGet(key, out object? value) || value is not TomlTable { Origin: TomlOrigin.Implied } implied)
            throw _cursor.ErrorAt(start, $"{Shown(key)} is defined already");
        implied.Origin = TomlOrigin.Header;
        return implied;
    }

    private TomlTable AddToArray(TomlTable parent, string key, int start)
    {
        TomlTable table = new() { Origin = TomlOrigin.Header };
        if (!parent.TryGet(key, out object? value))
        {
            value = new TomlArray { IsOfTables = true };
            parent.TryAdd(key, value);
        }
        if (value is not TomlArray { IsOfTables: true } array) throw _cursor.ErrorAt(start, $"{Shown(key)} is defined already and is no array of tables");
        array.Items.Add(table);
        return table;
    }

    private void ReadPair(TomlTable table, bool isInline)
    {
        int start = _cursor.Position;
        List<string> path = ReadKey();
        if (!_cursor.TrySkip("=")) throw _cursor.Error("there must be = after the key");
        _cursor.SkipBlanks();
        foreach (string key in path[..^1]) table = DescendDotted(table, key, start);
        object value = ReadValue();
        if (!table.TryAdd(path[^1], value)) throw _cursor.ErrorAt(start, $"{Shown(path[^1])} is defined already");
        if (!isInline) _cursor.SkipBlanks();
    }

    private TomlTable DescendDotted(TomlTable table, string key, int start)
    {
        if (!table.TryGet(key, out object? value))
        {
            TomlTable made = new() { Origin = TomlOrigin.DottedKey };
            table.TryAdd(key, made);
            return made;
        }
        return value is TomlTable { Origin: TomlOrigin.DottedKey } found ? found : throw _cursor.ErrorAt(start, $"{Shown(key)} is defined already");
    }

    private List<string> ReadKey()
    {
        List<string> path = [];
        do
        {
            _cursor.SkipBlanks();
            path.Add(_cursor.Current is '"' or '\'' ? TomlStrings.Read(_cursor, allowLines: false) : ReadBareKey());
            if (path.Count > DeepestNesting) throw _cursor.Error("the key has too many parts");
            _cursor.SkipBlanks();
        }
        while (_cursor.TrySkip("."));
        return path;
    }

    private string ReadBareKey()
    {
        int length = 0;
        while (char.IsAsciiLetterOrDigit(_cursor.Peek(length)) || _cursor.Peek(length) is '-' or '_') length++;
        if (length == 0) throw _cursor.Error("there must be a key of letters, digits, - and _, or one in quotation marks");
        string key = _cursor.Rest[..length].ToString();
        _cursor.Skip(length);
        return key;
    }

    private object ReadValue()
    {
        if (_depth >= DeepestNesting) throw _cursor.Error("arrays and tables are nested too deeply");
        _depth++;
        object value = _cursor.Current switch
        {
            '"' or '\'' => TomlStrings.Read(_cursor, allowLines: true),
            '[' => ReadArray(),
            '{' => ReadInlineTable(),
            _ => TomlScalars.Read(_cursor),
        };
        _depth--;
        return value;
    }

    private TomlArray ReadArray()
    {
        int start = _cursor.Position;
        _cursor.Skip();
        TomlArray array = new();
        while (true)
        {
            _cursor.SkipLines();
            if (_cursor.TrySkip("]")) return array;
            if (_cursor.IsAtEnd) throw _cursor.ErrorAt(start, "this array has no end");
            array.Items.Add(ReadValue());
            _cursor.SkipLines();
            if (!_cursor.TrySkip(",") && _cursor.Current != ']') throw _cursor.IsAtEnd ? _cursor.ErrorAt(start, "this array has no end") : _cursor.Error("there must be a comma or ]");
        }
    }

    private TomlTable ReadInlineTable()
    {
        _cursor.Skip();
        TomlTable table = new() { Origin = TomlOrigin.DottedKey };
        _cursor.SkipBlanks();
        if (!_cursor.TrySkip("}"))
        {
            do
            {
                _cursor.SkipBlanks();
                ReadPair(table, isInline: true);
                _cursor.SkipBlanks();
            }
            while (_cursor.TrySkip(","));
            if (!_cursor.TrySkip("}")) throw _cursor.Error("there must be a comma or }, on the same line");
        }
        Seal(table);
        return table;
    }

    // Written in braces it is whole, and so are the tables that dotted keys made in it.
    private static void Seal(TomlTable table)
    {
        table.Origin = TomlOrigin.Inline;
        foreach ((_, object value) in table.Entries)
        {
            if (value is TomlTable { Origin: TomlOrigin.DottedKey } inner) Seal(inner);
        }
    }

    private static string Shown(string key) => key.Length is > 0 and <= 40 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? key : "this key";
}
