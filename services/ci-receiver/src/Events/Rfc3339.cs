namespace CiMetrics.Receiver.Events;

/// <summary>
/// Times as RFC 3339 writes them: <c>2023-05-23T13:01:00Z</c>, <c>2023-05-23T15:01:00.5+02:00</c>. Lower-case letters, a
/// space for the T, any number of fraction digits; and a space where the plus was, which is what becomes of a plus that
/// a sender did not encode.
/// </summary>
internal static class Rfc3339
{
    private const int SecondsEnd = 19;
    private const string Shape = "dddd-dd-ddTdd:dd:dd";

    /// <summary>Reads a time; false where it is none.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;
        ReadOnlySpan<char> rest = text;
        if (rest.Length <= SecondsEnd || !HasShape(rest[..SecondsEnd], Shape)) return false;
        int second = Number(rest, 17, 2);
        // A leap second is the end of the one before.
        bool leap = second == 60;
        if (!IsDate(Number(rest, 0, 4), Number(rest, 5, 2), Number(rest, 8, 2)) || Number(rest, 11, 2) > 23 || Number(rest, 14, 2) > 59 || second > 60) return false;
        DateTime local = new(Number(rest, 0, 4), Number(rest, 5, 2), Number(rest, 8, 2), Number(rest, 11, 2), Number(rest, 14, 2), leap ? 59 : second);
        rest = rest[SecondsEnd..];
        if (!TryFraction(ref rest, out long ticks) || !TryOffset(rest, out TimeSpan offset)) return false;
        long utc = local.Ticks + (leap ? TimeSpan.TicksPerSecond : 0) + ticks - offset.Ticks;
        if (utc < 0 || utc > DateTime.MaxValue.Ticks) return false;
        time = new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest[0] != '.') return true;
        int digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0) return false;
        long unit = TimeSpan.TicksPerSecond;
        for (int i = 1; i <= digits && unit > 1; i++)
        {
            unit /= 10;
            ticks += (rest[i] - '0') * unit;
        }

        rest = rest[(digits + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "Z" or "z") return true;
        if (rest.Length != 6 || rest[0] is not ('+' or '-' or ' ') || !HasShape(rest[1..], "dd:dd")) return false;
        int hours = Number(rest, 1, 2);
        int minutes = Number(rest, 4, 2);
        offset = new TimeSpan(hours, minutes, 0) * (rest[0] == '-' ? -1 : 1);
        return hours <= 23 && minutes <= 59;
    }

    private static bool IsDate(int year, int month, int day) =>
        year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);

    private static bool HasShape(ReadOnlySpan<char> text, string shape)
    {
        if (text.Length != shape.Length) return false;
        for (int i = 0; i < shape.Length; i++)
        {
            bool fits = shape[i] switch
            {
                'd' => char.IsAsciiDigit(text[i]),
                'T' => text[i] is 'T' or 't' or ' ',
                _ => text[i] == shape[i],
            };
            if (!fits) return false;
        }

        return true;
    }

    private static int Number(ReadOnlySpan<char> text, int start, int length)
    {
        int number = 0;
        foreach (char digit in text.Slice(start, length)) number = (number * 10) + (digit - '0');
        return number;
    }
}
