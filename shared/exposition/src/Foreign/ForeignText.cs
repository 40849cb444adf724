using System.Text;
using System.Text.Unicode;

namespace CiMetrics.Exposition;

/// <summary>
/// Reads the text format 0.0.4 of a program that is not trusted. Only whole families come out: one mistake in a family,
/// or a line of it somewhere else, and it is left out. Nothing is passed on as it came.
/// </summary>
public static class ForeignText
{
    /// <summary>The most lines of a text.</summary>
    public const int MostLines = 50_000;

    private const int LongestLine = 64 * 1024;

    /// <summary>Reads a text.</summary>
    /// <param name="body">The text, of a length that the caller has bounded.</param>
    /// <param name="staticLabels">Labels added to every series; a family that has one of these names itself is malformed.</param>
    /// <exception cref="InvalidDataException">There are more lines than <see cref="MostLines"/>.</exception>
    public static ForeignScrape Read(ReadOnlySpan<byte> body, IReadOnlyDictionary<string, string> staticLabels)
    {
        ArgumentNullException.ThrowIfNull(staticLabels);
        var lines = new ForeignLines();
        int count = 0;
        foreach (Range range in body.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = body[range];
            if (line.IsEmpty)
                continue;
            if (++count > MostLines)
                throw new InvalidDataException($"there are more than {MostLines} lines");
            if (line.Length <= LongestLine && Utf8.IsValid(line) && !HasControl(line))
                lines.Add(Encoding.UTF8.GetString(line));
            else
                lines.AddBroken(line[..Math.Min(line.Length, LongestLine)]);
        }

        // A text that was cut off may have lost the end of its last number.
        if (!body.IsEmpty && body[^1] != (byte)'\n')
            lines.BreakLast();
        return Choose(lines, new StaticLabels(staticLabels));
    }

    // Of two that parsers would take for one, a counter can do without the name that it has in OpenMetrics.
    private static ForeignScrape Choose(ForeignLines lines, StaticLabels statics)
    {
        var claims = new HashSet<string>(StringComparer.Ordinal);
        var families = new List<ForeignFamily>();
        int malformed = lines.Nameless;
        foreach (ForeignLinesOfFamily family in lines.Families.OrderBy(family => family.Type == "counter"))
        {
            if (family is { IsBroken: false, Samples.Count: 0 })
                continue;
            if (ForeignRules.Hold(family, statics.Labels) && ForeignNames.Of(family, claims) is { } names)
                families.Add(ForeignWriter.Write(family, names, statics));
            else
                malformed++;
        }

        return new ForeignScrape([.. families.OrderBy(family => family.Name, StringComparer.Ordinal)], malformed);
    }

    // Parsers take some of these for an end. A tab is a blank.
    private static bool HasControl(ReadOnlySpan<byte> line)
    {
        foreach (byte b in line)
        {
            if (b < ' ' && b != '\t')
                return true;
        }

        return false;
    }
}
