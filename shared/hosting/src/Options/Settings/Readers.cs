using System.Globalization;

namespace CiMetrics.Hosting;

/// <summary>Reads single values; each reader states the rule that it checks.</summary>
internal static class Readers
{
    public static string? Text(string text, out string value)
    {
        value = text;
        return text.Length == 0 ? "must not be empty" : null;
    }

    public static string? AnyText(string text, out string value)
    {
        value = text;
        return null;
    }

    public static string? Port(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= 65535
            ? null
            : "must be a port, a whole number from 0 to 65535";

    public static string? Boolean(string text, out bool value)
    {
        value = text is "true" or "True" or "TRUE" or "1";
        return value || text is "false" or "False" or "FALSE" or "0" ? null : "must be true or false";
    }

    public static Reader<long> Integer(long min, long max) => (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && value >= min && value <= max
            ? null
            : max == long.MaxValue ? $"must be a whole number, at least {min}" : $"must be a whole number from {min} to {max}";

    public static Reader<TimeSpan> Duration(TimeSpan min, TimeSpan max) => (string text, out TimeSpan value) =>
        !GoDuration.TryParse(text, out value) ? GoDuration.Rule
        : value < min ? "must be at least " + GoDuration.Format(min)
        : value > max ? "must be at most " + GoDuration.Format(max)
        : null;

    public static Reader<string> OneOf(string[] words) => (string text, out string value) =>
    {
        value = text;
        return words.Contains(text, StringComparer.Ordinal) ? null : "must be one of " + string.Join(", ", words);
    };
}
