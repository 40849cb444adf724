using System.Buffers;
using System.Globalization;
using System.Text;

namespace CiMetrics.Exposition;

/// <summary>A series of another program with its value; labels in their order, without empty ones, which mean the same as none.</summary>
internal sealed record ForeignSample(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, double Value)
{
    private const int MostLabels = 64;
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.+-eE");

    /// <summary>The value of a label; null where there is none.</summary>
    public string? this[string label] => Labels.FirstOrDefault(pair => string.Equals(pair.Key, label, StringComparison.Ordinal)).Value;

    /// <summary>Equal for equal labels in any order, apart from one of this name.</summary>
    public string KeyWithout(string? label) => string.Concat(
        Labels.Where(pair => !string.Equals(pair.Key, label, StringComparison.Ordinal)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}\x1{pair.Value}\x2"));

    /// <summary>Reads a line; null where it is none of the text format, or has a timestamp.</summary>
    public static ForeignSample? Parse(string line)
    {
        int at = line.AsSpan().IndexOfAny("{ \t");
        if (at <= 0 || !Names.IsMetricName(line[..at]))
            return null;
        string name = line[..at];
        var labels = new List<KeyValuePair<string, string>>();
        at = SkipBlanks(line, at);
        if (at < line.Length && line[at] == '{' && !ReadLabels(line, ref at, labels))
            return null;
        return at < line.Length && line[at] is ' ' or '\t' || line[at - 1] is ' ' or '\t'
            ? Number(line.AsSpan(at).Trim(" \t")) is { } value ? new ForeignSample(name, labels, value) : null
            : null;
    }

    /// <summary>Takes back the escapes of a text; null where there is one that the format does not have.</summary>
    public static string? Unescape(string text, bool quotes)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\')
            {
                c = ++i < text.Length ? text[i] : '\0';
                if (c is not ('\\' or 'n') && !(quotes && c == '"'))
                    return null;
                c = c == 'n' ? '\n' : c;
            }

            result.Append(c);
        }

        return result.ToString();
    }

    /// <summary>A number as the format writes it.</summary>
    public static double? Number(ReadOnlySpan<char> text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => !text.ContainsAnyExcept(NumberCharacters)
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value)
            ? value
            : null,
    };

    private static bool ReadLabels(string line, ref int at, List<KeyValuePair<string, string>> labels)
    {
        at++;
        for (int count = 0; count <= MostLabels; count++)
        {
            at = SkipBlanks(line, at);
            if (at < line.Length && line[at] == '}')
            {
                at++;
                return true;
            }

            if (ReadLabel(line, ref at) is not { } label || labels.Exists(other => string.Equals(other.Key, label.Key, StringComparison.Ordinal)))
                return false;
            if (label.Value.Length > 0)
                labels.Add(label);
            at = SkipBlanks(line, at);
            if (at >= line.Length || line[at] is not (',' or '}'))
                return false;
            if (line[at] == ',')
                at++;
        }

        return false;
    }

    private static KeyValuePair<string, string>? ReadLabel(string line, ref int at)
    {
        int equals = line.IndexOf('=', at);
        if (equals < 0)
            return null;
        string name = line[at..equals].TrimEnd(' ', '\t');
        int open = SkipBlanks(line, equals + 1);
        if (open >= line.Length || line[open] != '"')
            return null;
        int close = open + 1;
        while (close < line.Length && line[close] != '"')
            close += line[close] == '\\' ? 2 : 1;
        if (close >= line.Length || Unescape(line[(open + 1)..close], quotes: true) is not { } value)
            return null;
        at = close + 1;
        return new KeyValuePair<string, string>(name, value);
    }

    private static int SkipBlanks(string line, int at)
    {
        while (at < line.Length && line[at] is ' ' or '\t')
            at++;
        return at;
    }
}
