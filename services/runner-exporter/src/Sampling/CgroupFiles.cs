using System.Runtime.InteropServices;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Parsers of the cgroup files whose format is more than one number. Null means: not this format.</summary>
internal static class CgroupFiles
{
    /// <summary><c>cpu.stat</c> of v2: cumulative nanoseconds from <c>usage_usec</c>.</summary>
    public static long? CpuStat(ReadOnlySpan<byte> text)
    {
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (KernelText.TakeWord(ref line).SequenceEqual("usage_usec"u8))
                return KernelText.Number(line) is { } microseconds ? Math.Min(microseconds, long.MaxValue / 1000) * 1000 : null;
        }

        return null;
    }

    /// <summary>The number after the key in a file of lines <c>key number</c>, such as <c>memory.stat</c>; null when it is not there.</summary>
    public static long? Keyed(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key)
    {
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (KernelText.TakeWord(ref line).SequenceEqual(key)) return KernelText.Number(line);
        }

        return null;
    }

    /// <summary>
    /// <c>blkio.throttle.io_service_bytes</c> of v1, recursive or not: lines <c>8:0 Read 4096</c> per device and operation,
    /// and one <c>Total 4096</c>. Totals, Sync, Async and Discard count the same bytes again.
    /// </summary>
    public static BlockBytes BlkioServiceBytes(ReadOnlySpan<byte> text)
    {
        long read = 0, written = 0;
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            KernelText.TakeWord(ref line);
            ReadOnlySpan<byte> operation = KernelText.TakeWord(ref line);
            long bytes = KernelText.Number(line) ?? 0;
            if (operation.SequenceEqual("Read"u8)) read += bytes;
            else if (operation.SequenceEqual("Write"u8)) written += bytes;
        }

        return new(read, written);
    }

    /// <summary><c>io.stat</c> of v2: lines <c>8:0 rbytes=1 wbytes=2 rios=3 ...</c> per device; empty before the first I/O.</summary>
    public static BlockBytes IoStat(ReadOnlySpan<byte> text)
    {
        long read = 0, written = 0;
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            while (KernelText.TakeWord(ref line) is { IsEmpty: false } word)
            {
                if (word.StartsWith("rbytes="u8)) read += KernelText.Number(word[7..]) ?? 0;
                else if (word.StartsWith("wbytes="u8)) written += KernelText.Number(word[7..]) ?? 0;
            }
        }

        return new(read, written);
    }

    /// <summary>
    /// <c>cpu.pressure</c>, <c>memory.pressure</c>, <c>io.pressure</c>: lines <c>some avg10=0.00 ... total=1</c> and
    /// <c>full ...</c>, totals in microseconds. Before Linux 5.13 the file of the CPU has no full line.
    /// </summary>
    public static Pressure Pressure(ReadOnlySpan<byte> text)
    {
        long? some = null, full = null;
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> kind = KernelText.TakeWord(ref line);
            int at = line.IndexOf("total="u8);
            long? microseconds = at < 0 ? null : KernelText.Number(line[(at + 6)..]);
            if (kind.SequenceEqual("some"u8)) some = microseconds;
            else if (kind.SequenceEqual("full"u8)) full = microseconds;
        }

        return new(some, full);
    }

    /// <summary>
    /// <c>/proc/PID/net/dev</c>: two header lines, then <c>eth0: bytes packets ... (8 columns) bytes ...</c>; the colon may
    /// touch the first number. The loopback is left out, as in the Docker API. Null when there is no header.
    /// </summary>
    public static NetworkBytes? NetDev(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("Inter-"u8)) return null;
        long received = 0, sent = 0;
        while (KernelText.TakeLine(ref text, out ReadOnlySpan<byte> line))
        {
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || line[..colon].Trim(" "u8).SequenceEqual("lo"u8)) continue;
            line = line[(colon + 1)..];
            received += KernelText.Number(KernelText.TakeWord(ref line)) ?? 0;
            for (int column = 1; column < 8; column++) KernelText.TakeWord(ref line);
            sent += KernelText.Number(KernelText.TakeWord(ref line)) ?? 0;
        }

        return new(received, sent);
    }
}

/// <summary>Cumulative bytes of all block devices.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlockBytes(long Read, long Written);

/// <summary>Cumulative bytes of all interfaces but the loopback.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NetworkBytes(long Received, long Sent);

/// <summary>Cumulative microseconds in which some processes (at least one), and in which all at once, waited for a resource.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Pressure(long? Some, long? Full);
