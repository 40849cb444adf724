using System.Globalization;
using System.Text;

namespace CiMetrics.Receiver.Events;

/// <summary>Text from outside as an answer or the log shows it.</summary>
internal static class Shown
{
    private const int Longest = 100;

    /// <summary>At most 100 characters, each visible.</summary>
    public static string Short(string text)
    {
        StringBuilder shown = new();
        foreach (Rune rune in text.AsSpan(0, Math.Min(text.Length, Longest)).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                shown.Append(rune.ToString());
        }

        return text.Length > Longest ? shown.Append('…').ToString() : shown.ToString();
    }
}
