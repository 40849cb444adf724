using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace CiMetrics.Exposition;

/// <summary>Label pairs and HELP texts as bytes. Label values are escaped alike in both formats: backslash, quote, newline.</summary>
internal static class LabelEncoding
{
    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64();

    /// <summary><c>a="x",b="y"</c></summary>
    public static void WritePairs(ArrayBufferWriter<byte> output, ReadOnlySpan<string> names, ReadOnlySpan<string> values)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if (i > 0)
                output.Write(","u8);
            Encoding.UTF8.GetBytes(names[i], output);
            output.Write("=\""u8);
            ArgumentNullException.ThrowIfNull(values[i], names[i]);
            WriteEscaped(output, values[i], escapeQuotes: true);
            output.Write("\""u8);
        }
    }

    /// <summary>Writes text with backslash and newline (and, where the place asks for it, the quote) escaped.</summary>
    public static void WriteEscaped(ArrayBufferWriter<byte> output, string text, bool escapeQuotes)
    {
        ReadOnlySpan<char> rest = text;
        while (rest.Length > 0)
        {
            int special = escapeQuotes ? rest.IndexOfAny('\\', '\n', '"') : rest.IndexOfAny('\\', '\n');
            int plain = special < 0 ? rest.Length : special;
            Encoding.UTF8.GetBytes(rest[..plain], output);
            if (special < 0)
                return;
            output.Write(rest[special] switch { '\\' => @"\\"u8, '\n' => @"\n"u8, _ => "\\\""u8 });
            rest = rest[(special + 1)..];
        }
    }

    /// <summary>A 64-bit hash, eight bytes at a time; seeded, so that outsiders who choose label values cannot choose collisions.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed ^ (ulong)bytes.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            hash = Mix(hash ^ word);
        foreach (byte b in bytes[(words.Length * sizeof(ulong))..])
            hash = Mix(hash ^ b);
        return hash == 0 ? 1 : hash;
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15UL, out ulong low);
        return high ^ low ^ (value >> 32);
    }
}
