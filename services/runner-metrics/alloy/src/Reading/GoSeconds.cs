using System.Buffers.Text;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>Durations as Go programs write them: <c>3.026201322s</c>, <c>1m30s</c>, <c>250ms</c>, <c>12µs</c>.</summary>
internal static class GoSeconds
{
    /// <summary>The seconds; null where it is none, or negative.</summary>
    public static double? Parse(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return null;
        double seconds = 0;
        while (!text.IsEmpty)
        {
            int digits = 0;
            while (digits < text.Length && text[digits] is (>= (byte)'0' and <= (byte)'9') or (byte)'.') digits++;
            if (digits == 0 || !Utf8Parser.TryParse(text[..digits], out double number, out int length) || length != digits) return null;
            text = text[digits..];
            (double Seconds, int Length) unit = text switch
            {
                _ when text.StartsWith("ms"u8) => (1e-3, 2),
                _ when text.StartsWith("µs"u8) || text.StartsWith("μs"u8) => (1e-6, 3),
                _ when text.StartsWith("us"u8) => (1e-6, 2),
                _ when text.StartsWith("ns"u8) => (1e-9, 2),
                _ when text.StartsWith("h"u8) => (3600, 1),
                _ when text.StartsWith("m"u8) => (60, 1),
                _ when text.StartsWith("s"u8) => (1, 1),
                _ => (0, 0),
            };
            if (unit.Length == 0) return null;
            seconds += number * unit.Seconds;
            text = text[unit.Length..];
        }
        return seconds;
    }
}
