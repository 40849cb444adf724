using System.Globalization;
using System.Text;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>Texts in JSON.</summary>
internal static class JsonText
{
    /// <summary>Writes the text that an escaped one stands for; what does not fit is left out. Gives the length.</summary>
    public static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> target)
    {
        int length = 0;
        Span<byte> one = stackalloc byte[4];
        while (!escaped.IsEmpty && length < target.Length)
        {
            int at = escaped.IndexOf((byte)'\\');
            ReadOnlySpan<byte> plain = at < 0 ? escaped : escaped[..at];
            plain = plain[..Math.Min(plain.Length, target.Length - length)];
            plain.CopyTo(target[length..]);
            length += plain.Length;
            if (at < 0 || at + 1 >= escaped.Length) break;
            escaped = escaped[at..];
            int written = escaped[1] == 'u' ? Hex(ref escaped, one) : Simple(ref escaped, one);
            if (length + written > target.Length) break;
            one[..written].CopyTo(target[length..]);
            length += written;
        }
        return length;
    }

    private static int Simple(scoped ref ReadOnlySpan<byte> escaped, scoped Span<byte> one)
    {
        one[0] = escaped[1] switch { (byte)'n' => (byte)'\n', (byte)'t' => (byte)'\t', (byte)'r' => (byte)'\r', (byte)'b' => (byte)'\b', (byte)'f' => (byte)'\f', var other => other };
        escaped = escaped[2..];
        return 1;
    }

    private static int Hex(scoped ref ReadOnlySpan<byte> escaped, scoped Span<byte> one)
    {
        char first = Unit(escaped);
        escaped = escaped[Math.Min(6, escaped.Length)..];
        if (!char.IsHighSurrogate(first) || !escaped.StartsWith("\\u"u8))
            return (Rune.TryCreate(first, out Rune rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(one);
        char second = Unit(escaped);
        escaped = escaped[Math.Min(6, escaped.Length)..];
        return (Rune.TryCreate(first, second, out Rune pair) ? pair : Rune.ReplacementChar).EncodeToUtf8(one);
    }

    private static char Unit(ReadOnlySpan<byte> escaped) =>
        escaped.Length >= 6 && ushort.TryParse(escaped.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value) ? (char)value : '\uFFFD';
}
