using System.Text;

namespace CiMetrics.Exposition;

/// <summary>Sorts the lines of a text by family; a family whose lines are not together is broken.</summary>
internal sealed class ForeignLines
{
    private readonly Dictionary<string, ForeignLinesOfFamily> _families = new(StringComparer.Ordinal);
    private ForeignLinesOfFamily? _current;

    public IEnumerable<ForeignLinesOfFamily> Families => _families.Values;

    /// <summary>Broken lines that are of no family.</summary>
    public int Nameless { get; private set; }

    public void Add(string line)
    {
        if (line[0] == '#')
            AddComment(line);
        else if (NameAt(line) is not { } name)
            BreakHere();
        else if (ForeignSample.Parse(line) is { } sample)
            FamilyOf(name).Samples.Add(sample);
        else
            FamilyOf(name).IsBroken = true;
    }

    /// <summary>Adds a line that is no text.</summary>
    public void AddBroken(ReadOnlySpan<byte> line)
    {
        if (NameAt(Encoding.Latin1.GetString(line)) is { } name)
            FamilyOf(name).IsBroken = true;
        BreakHere();
    }

    /// <summary>Says that the last line is not whole.</summary>
    public void BreakLast() => BreakHere();

    private static string? NameAt(string line)
    {
        int length = 0;
        while (length < line.Length && Names.IsMetricName(line[..1]) && (char.IsAsciiLetterOrDigit(line[length]) || line[length] is '_' or ':'))
            length++;
        return length == 0 ? null : line[..length];
    }

    private void AddComment(string line)
    {
        string[] words = line.Split([' ', '\t'], 4);
        if (words[0] != "#" || words.Length < 3 || words[1] is not ("HELP" or "TYPE"))
            return;
        if (!Names.IsMetricName(words[2]))
        {
            BreakHere();
            return;
        }

        ForeignLinesOfFamily family = Open(words[2]);
        string rest = words.Length > 3 ? words[3] : "";
        if (words[1] == "HELP")
            family.AddHelp(rest);
        else
            family.AddType(rest);
    }

    private ForeignLinesOfFamily FamilyOf(string sample) => _current is { } current && current.Owns(sample) ? current : Open(sample);

    private ForeignLinesOfFamily Open(string name)
    {
        if (_current is { } current && string.Equals(current.Name, name, StringComparison.Ordinal))
            return current;
        if (_families.TryGetValue(name, out ForeignLinesOfFamily? again))
            again.IsBroken = true;
        else
            _families.Add(name, again = new ForeignLinesOfFamily(name));
        return _current = again;
    }

    private void BreakHere()
    {
        if (_current is null)
            Nameless++;
        else
            _current.IsBroken = true;
    }
}
