using System.Buffers;
using System.Globalization;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>
/// Durations as Go's <c>time.ParseDuration</c> reads them: a sequence of decimal numbers with a unit each
/// (<c>5s</c>, <c>1m30s</c>, <c>1.5h</c>, <c>250ms</c>), or <c>0</c>.
/// </summary>
public static class GoDuration
{
    /// <summary>What is allowed, for a message.</summary>
    public const string Rule = "must be a duration such as 500ms, 5s, 1m30s or 2h (units ns, us, ms, s, m, h)";

    private static readonly (string Name, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; false when the text is none or is too long for a <see cref="TimeSpan"/>.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
            rest = rest[1..];
        if (rest is "0")
            return true;
        if (rest.IsEmpty)
            return false;

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits is <= 0 or > 20
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            rest = rest[digits..];
            var length = rest.IndexOfAny(NumberCharacters) is var next && next < 0 ? rest.Length : next;
            if (TicksOf(rest[..length]) is not { } unit)
                return false;
            ticks += number * unit;
            if (ticks > TimeSpan.MaxValue.Ticks)
                return false;
            rest = rest[length..];
        }
        value = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>The shortest text that reads back as this duration: <c>1m30s</c>, <c>500ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var ticks = Math.Abs((decimal)value.Ticks);
        foreach (var (name, unit) in (ReadOnlySpan<(string, decimal)>)[Units[7], Units[6], Units[5], Units[4], Units[1], Units[0]])
        {
            var count = decimal.Floor(ticks / unit);
            ticks -= count * unit;
            if (count > 0)
                text.Append(count.ToString("0", CultureInfo.InvariantCulture)).Append(name);
        }
        return text.ToString();
    }

    private static decimal? TicksOf(ReadOnlySpan<char> name)
    {
        foreach (var unit in Units)
        {
            if (name.SequenceEqual(unit.Name))
                return unit.Ticks;
        }
        return null;
    }
}
