using System.Globalization;

namespace CiMetrics.Hosting;

/// <summary>What <c>/proc/[pid]/stat</c> says, see proc(5).</summary>
/// <param name="Name">The executable's name as the kernel keeps it: 15 bytes at most.</param>
/// <param name="State">One letter; <c>Z</c> is a process that has ended and was not waited for.</param>
/// <param name="Parent">The process that it is a child of.</param>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="Threads">Number of threads.</param>
/// <param name="StartSeconds">Start, in seconds after boot.</param>
/// <param name="VirtualBytes">Size of the address space.</param>
/// <param name="ResidentPages">Pages in memory.</param>
public sealed record ProcessStat(
    string Name, char State, int Parent, double CpuSeconds, long Threads, double StartSeconds, long VirtualBytes, long ResidentPages)
{
    // USER_HZ: the unit of times in /proc, 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Reads the line; null when it is not one.</summary>
    public static ProcessStat? Parse(string line)
    {
        // The name stands in parentheses and may itself hold spaces and parentheses.
        ArgumentNullException.ThrowIfNull(line);
        var begin = line.IndexOf('(', StringComparison.Ordinal);
        var end = line.LastIndexOf(')');
        var fields = end < 0 ? [] : line[(end + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // The first field here is the third of proc(5).
        return begin >= 0
            && fields.Length > 21
            && Number(fields[1]) is { } parent
            && Number(fields[11]) is { } user
            && Number(fields[12]) is { } system
            && Number(fields[17]) is { } threads
            && Number(fields[19]) is { } start
            && Number(fields[20]) is { } size
            && Number(fields[21]) is { } resident
            ? new ProcessStat(line[(begin + 1)..end], fields[0][0], (int)parent, (user + system) / TicksPerSecond, threads, start / TicksPerSecond, size, resident)
            : null;
    }

    /// <summary>The boot time in <c>/proc/stat</c>, seconds since the epoch.</summary>
    public static double? BootTime(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Number(After(text, "btime "));
    }

    /// <summary>The soft limit of open files in <c>/proc/[pid]/limits</c>; infinite when there is none.</summary>
    public static double? FileLimit(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var limit = After(text, "Max open files");
        return limit == "unlimited" ? double.PositiveInfinity : Number(limit);
    }

    private static string? After(string text, string start)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
                return line[start.Length..].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        }
        return null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
