using System.Buffers.Text;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>The kernel's text formats: numbers, lines and words as bytes. Nothing is allocated.</summary>
internal static class KernelText
{
    /// <summary>A file holding one number, such as <c>cpuacct.usage</c> or <c>memory.current</c>; null for anything else.</summary>
    public static long? Number(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\n"u8);
        if (Utf8Parser.TryParse(text, out long value, out int used) && used == text.Length && value >= 0) return value;
        // v1 counters are unsigned; what does not fit is as good as the largest.
        return Utf8Parser.TryParse(text, out ulong large, out used) && used == text.Length ? Clamp(large) : null;
    }

    public static long Clamp(ulong value) => value > long.MaxValue ? long.MaxValue : (long)value;

    /// <summary>Takes the first line (without its end) off the text; false when nothing is left.</summary>
    public static bool TakeLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (text.IsEmpty) return false;
        int end = text.IndexOf((byte)'\n');
        line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return true;
    }

    /// <summary>Takes the first word (blanks around it dropped) off the line; empty when none is left.</summary>
    public static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(" \t"u8);
        int end = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> word = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[(end + 1)..];
        return word;
    }
}
