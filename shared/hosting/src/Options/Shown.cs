using System.Globalization;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>Shows a value that came from outside in one line of a message, whatever is in it.</summary>
internal static class Shown
{
    private const int Longest = 120;

    /// <summary>The value between double quotes, control characters escaped, cut after 120 characters.</summary>
    public static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in value.AsSpan(0, Math.Min(value.Length, Longest)).EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                text.Append('\\').Append((char)rune.Value);
            else if (IsInvisible(rune))
                text.Append("\\u").Append(rune.Value.ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(rune.ToString());
        }
        return text.Append(value.Length > Longest ? "…\"" : "\"").ToString();
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
