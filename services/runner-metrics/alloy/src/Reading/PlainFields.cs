namespace CiMetrics.AlloyRunner.Reading;

/// <summary>
/// The fields of the runner's own text: after the padded message <c> key=value</c>, sorted by key, values as they are. A
/// value may hold blanks and even something like a field, so that a field is believed only where the order of keys allows.
/// </summary>
internal static class PlainFields
{
    /// <summary>
    /// Where the fields begin: the last place with two blanks before <c>key=</c>. Error texts come before it, and what
    /// somebody else wrote into them does not count as a field.
    /// </summary>
    /// <returns>The place of the first key; -1 where there are no fields.</returns>
    public static int Begin(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line;
        while (true)
        {
            int at = rest.LastIndexOf("  "u8);
            if (at < 0) return -1;
            int key = at + 2;
            if (KeyLength(line[key..]) > 0) return key;
            rest = rest[..(at + 1)];
        }
    }

    /// <summary>Finds the value of a field.</summary>
    public static bool TryGet(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = fields;
        while (true)
        {
            int length = KeyLength(rest);
            if (length == 0)
            {
                value = default;
                return false;
            }
            ReadOnlySpan<byte> found = rest[..length];
            ReadOnlySpan<byte> after = rest[(length + 1)..];
            int next = NextKey(after, found);
            if (found.SequenceEqual(key))
            {
                value = next < 0 ? after.TrimEnd((byte)' ') : after[..(next - 1)];
                return true;
            }
            if (next < 0)
            {
                value = default;
                return false;
            }
            rest = after[next..];
        }
    }

    private static int NextKey(ReadOnlySpan<byte> after, ReadOnlySpan<byte> previous)
    {
        int from = 0;
        while (true)
        {
            int blank = after[from..].IndexOf((byte)' ');
            if (blank < 0) return -1;
            from += blank + 1;
            int length = KeyLength(after[from..]);
            if (length > 0 && previous.SequenceCompareTo(after.Slice(from, length)) < 0) return from;
        }
    }

    /// <summary>The length of <c>key</c> before <c>=</c>; 0 where there is none.</summary>
    private static int KeyLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit((char)text[length]) || text[length] is (byte)'_' or (byte)'-')) length++;
        return length < text.Length && text[length] == '=' ? length : 0;
    }
}
