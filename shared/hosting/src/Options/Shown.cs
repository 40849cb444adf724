using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CiMetrics.Hosting;

/// <summary>Shows a value that came from outside in one line of a message, whatever is in it.</summary>
internal static partial class Shown
{
    private const int Longest = 120;

    /// <summary>The value between double quotes, control characters escaped, cut after 120 characters, without what a URL has before its <c>@</c>.</summary>
    public static string Quoted(string value)
    {
        value = UserInfo().Replace(value, "://***@");
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

    /// <summary>Name and password in a URL.</summary>
    [GeneratedRegex("://[^/@]*@", RegexOptions.None, 1000)]
    private static partial Regex UserInfo();

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
