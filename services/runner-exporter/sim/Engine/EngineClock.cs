using System.Globalization;

namespace CiMetrics.RunnerExporter.Simulator.Engine;

/// <summary>
/// The engine's one clock: wall time at the start carried on by the monotonic one, so that figures over an interval
/// stay right when somebody sets the machine's clock.
/// </summary>
internal sealed class EngineClock(TimeProvider time)
{
    private readonly DateTimeOffset _origin = time.GetUtcNow();
    private readonly long _originTimestamp = time.GetTimestamp();

    public TimeProvider Time => time;

    /// <summary>The host has been up for a day when the engine starts.</summary>
    public TimeSpan HostUptime => TimeSpan.FromDays(1) + time.GetElapsedTime(_originTimestamp);

    public DateTimeOffset Now => _origin + time.GetElapsedTime(_originTimestamp);

    public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, time, cancellationToken);

    public static long UnixNanoseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>RFC 3339 as Go writes it: up to nanoseconds, without trailing zeros. Null is Go's zero time.</summary>
    public static string Format(DateTimeOffset? moment) =>
        (moment ?? DateTimeOffset.MinValue).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>seconds</c> or <c>seconds.fraction</c> since 1970, as nanoseconds.</summary>
    public static bool TryParseUnix(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        string whole = dot < 0 ? text : text[..dot];
        string fraction = dot < 0 ? "" : text[(dot + 1)..];
        if (fraction.Length > 9 || !long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds))
            return false;
        if (!int.TryParse(fraction.PadRight(9, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out int rest))
            return false;
        if (Math.Abs(seconds) > 9_000_000_000)
            return false;
        nanoseconds = (seconds * 1_000_000_000) + rest;
        return true;
    }
}
