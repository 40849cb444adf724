using System.Globalization;
using System.Text.RegularExpressions;

namespace CiMetrics.AlloyRunner.Toml;

/// <summary>Numbers, truth values, dates and times: what stands without quotation marks.</summary>
internal static partial class TomlScalars
{
    /// <summary>Reads the value that begins at the cursor.</summary>
    public static object Read(TomlCursor cursor)
    {
        int start = cursor.Position;
        string text = Word(cursor);
        // A blank may stand between date and time.
        if (cursor.Current == ' ' && char.IsAsciiDigit(cursor.Peek(1)) && DateOnlyForm().IsMatch(text))
        {
            cursor.Skip();
            text += "T" + Word(cursor);
        }
        return Of(text) ?? throw cursor.ErrorAt(start, text.Length == 0 ? "there must be a value" : "this is no value; a text stands in quotation marks");
    }

    private static string Word(TomlCursor cursor)
    {
        int length = 0;
        while (char.IsAsciiLetterOrDigit(cursor.Peek(length)) || cursor.Peek(length) is '+' or '-' or '.' or '_' or ':') length++;
        string word = cursor.Rest[..length].ToString();
        cursor.Skip(length);
        return word;
    }

    private static object? Of(string text) => text switch
    {
        "true" => true,
        "false" => false,
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "+nan" or "-nan" => double.NaN,
        _ when Integer().IsMatch(text) => long.TryParse(Digits(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null,
        _ when Based().IsMatch(text) => Based(text),
        _ when Float().IsMatch(text) => double.Parse(Digits(text), NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => Time(text),
    };

    private static string Digits(string text) => text.Replace("_", "", StringComparison.Ordinal);

    private static long? Based(string text)
    {
        int bits = text[1] switch { 'x' => 4, 'o' => 3, _ => 1 };
        ulong value = 0;
        foreach (char digit in Digits(text[2..]))
        {
            if (value >> (63 - bits) != 0) return null;
            value = (value << bits) | (uint)Convert.ToInt32(digit.ToString(), 16);
        }
        return (long)value;
    }

    private static TomlTime? Time(string text)
    {
        Match match = DateTime().Match(text);
        if (!match.Success || text.Length == 0) return null;
        bool hasDate = match.Groups["year"].Success, hasTime = match.Groups["hour"].Success, hasOffset = match.Groups["offset"].Success;
        if (hasOffset && !hasDate) return null;
        int Part(string name) => match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        (int year, int month, int day) = hasDate ? (Part("year"), Part("month"), Part("day")) : (1, 1, 1);
        (int hour, int minute, int second) = (Part("hour"), Part("minute"), Part("second"));
        (int offsetHour, int offsetMinute) = (Part("offsetHour"), Part("offsetMinute"));
        // A leap second is allowed where RFC 3339 allows it; no clock here can show it.
        if (year is 0 || month is < 1 or > 12 || day < 1 || day > System.DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59) return null;
        string fraction = match.Groups["fraction"].Value;
        long ticks = fraction.Length == 0 ? 0 : long.Parse(fraction.PadRight(7, '0').AsSpan(0, 7), NumberStyles.None, CultureInfo.InvariantCulture);
        TimeSpan offset = new(offsetHour, offsetMinute, 0);
        return new TomlTime(
            (hasDate, hasTime, hasOffset) switch
            {
                (true, true, true) => TomlTimeKind.OffsetDateTime,
                (true, true, false) => TomlTimeKind.LocalDateTime,
                (true, false, _) => TomlTimeKind.LocalDate,
                _ => TomlTimeKind.LocalTime,
            },
            new DateOnly(year, month, day),
            new TimeOnly(hour, minute, Math.Min(second, 59)).Add(TimeSpan.FromTicks(ticks)),
            match.Groups["offset"].Value.StartsWith('-') ? -offset : offset);
    }

    [GeneratedRegex(@"^[+-]?(?:0|[1-9](?:_?[0-9])*)\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Based();

    [GeneratedRegex(@"^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Float();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DateOnlyForm();

    [GeneratedRegex(
        @"^(?:(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})(?:[Tt](?=.)|\z))?(?:(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]+))?(?<offset>[Zz]|[+-](?<offsetHour>[0-9]{2}):(?<offsetMinute>[0-9]{2}))?)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DateTime();
}
