using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CiMetrics.Hosting;

/// <summary>
/// Reads the plain part of YAML that a configuration needs, with positions: mappings, lists and values. Anchors,
/// aliases, tags, several documents and keys that are not plain text are refused. Works on the parser's events, as
/// YamlDotNet's object mapping needs reflection, which trimming breaks.
/// </summary>
internal sealed class YamlReader
{
    private const int DeepestNesting = 16;

    private readonly string _file;
    private readonly List<Problem> _problems;
    private readonly Parser _parser;

    private YamlReader(string file, string text, List<Problem> problems)
    {
        _file = file;
        _problems = problems;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads a document whose top is a mapping; null after a mistake that leaves nothing to look at.</summary>
    public static YamlMapping? Read(string file, string text, List<Problem> problems)
    {
        var reader = new YamlReader(file, text, problems);
        try
        {
            return reader.Document();
        }
        catch (YamlException exception)
        {
            if (TabInIndentation(text) is { } tab && exception.End.Line == 1)
            {
                problems.Add(new Problem(Place(file, tab, 1), "is not YAML: indentation must be spaces, not tabs"));
                return null;
            }
            var begun = exception.Start.Line == exception.End.Line ? "" : $" (begun on line {exception.Start.Line})";
            problems.Add(new Problem(Place(file, exception.End), "is not YAML: " + FirstSentence(exception) + begun));
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet meets some malformed texts with these; it knows no place then but that of the value before.
            var last = reader._parser.Current?.End ?? Mark.Empty;
            problems.Add(new Problem(Place(file, last), "is not YAML after this place"));
            return null;
        }
        catch (RefusedException exception)
        {
            problems.Add(exception.Problem);
            return null;
        }
    }

    /// <summary>A place as compilers write it, so that editors can jump to it.</summary>
    public static string Place(string file, int line, int column) => $"{file}:{line}:{column}";

    private static string Place(string file, in Mark mark) => Place(file, (int)mark.Line, (int)mark.Column);

    // The parser reports a tab at the beginning of the document, wherever it is.
    private static int? TabInIndentation(string text)
    {
        var line = Array.FindIndex(text.Split('\n'), line => line.AsSpan().TrimStart(' ') is ['\t', ..]);
        return line < 0 ? null : line + 1;
    }

    private static string FirstSentence(YamlException exception) =>
        (exception.InnerException ?? exception).Message.Split('\n')[0].TrimEnd('.', '\r');

    private YamlMapping? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return new YamlMapping([], 1, 1);
        _parser.Consume<DocumentStart>();
        var top = Node(0);
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out _))
            throw Refuse(_parser.Current!, "must hold one document only");
        if (top is YamlMapping mapping)
            return mapping;
        if (top is YamlScalar { IsNull: true })
            return new YamlMapping([], 1, 1);
        _problems.Add(new Problem(Place(_file, top.Line, top.Column), "must be a mapping of keys and values"));
        return null;
    }

    private YamlNode Node(int depth)
    {
        var next = _parser.Current ?? throw new InvalidOperationException("The parser ran out of events.");
        if (depth > DeepestNesting)
            throw Refuse(next, $"must not nest deeper than {DeepestNesting} levels");
        if (next is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw Refuse(next, "must not use anchors (&name) or aliases (*name); quote the value if it begins with & or *");
        if (next is NodeEvent { Tag.IsEmpty: false, Tag.IsNonSpecific: false })
            throw Refuse(next, "must not use tags (!name); quote the value if it begins with !");

        var (line, column) = ((int)next.Start.Line, (int)next.Start.Column);
        if (_parser.TryConsume<Scalar>(out var scalar))
            return new YamlScalar(scalar.Value, IsNull(scalar), line, column);
        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<YamlNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                items.Add(Node(depth + 1));
            return new YamlSequence(items, line, column);
        }
        _parser.Consume<MappingStart>();
        return new YamlMapping(Entries(depth), line, column);
    }

    private List<YamlEntry> Entries(int depth)
    {
        var entries = new List<YamlEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var start = _parser.Current!;
            var key = Node(depth + 1) as YamlScalar ?? throw Refuse(start, "keys must be plain texts");
            var value = Node(depth + 1);
            if (entries.Find(entry => entry.Key == key.Text) is { } first)
            {
                _problems.Add(new Problem(
                    Place(_file, key.Line, key.Column), $"is given twice, first on line {first.Line}", Shown.Quoted(key.Text)));
                continue;
            }
            entries.Add(new YamlEntry(key.Text, value, key.Line, key.Column));
        }
        return entries;
    }

    // The null of YAML's core schema; quoted, these are texts.
    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";

    private RefusedException Refuse(ParsingEvent at, string rule) => new(new Problem(Place(_file, at.Start), rule));

    private sealed class RefusedException(Problem problem) : Exception(problem.ToString())
    {
        public Problem Problem { get; } = problem;
    }
}
