namespace CiMetrics.AlloyRunner.Reading;

/// <summary>logrus's text: <c>time="..." level=info msg="..." key=value</c>, values quoted where they need it.</summary>
internal static class QuotedFields
{
    /// <summary>Finds the value of a field, without its quotation marks; escapes in it stay as they are.</summary>
    public static bool TryGet(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = line;
        while (TryNext(ref rest, out ReadOnlySpan<byte> found, out value))
        {
            if (found.SequenceEqual(key)) return true;
        }
        value = default;
        return false;
    }

    /// <summary>Takes the next field off; false at the end and where there is none.</summary>
    public static bool TryNext(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        rest = rest.TrimStart((byte)' ');
        int equals = rest.IndexOf((byte)'=');
        if (equals <= 0 || rest[..equals].Contains((byte)' ')) return false;
        key = rest[..equals];
        rest = rest[(equals + 1)..];
        if (rest is not [(byte)'"', ..])
        {
            int blank = rest.IndexOf((byte)' ');
            value = blank < 0 ? rest : rest[..blank];
            rest = rest[value.Length..];
            return true;
        }
        int end = 1;
        while (end < rest.Length && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
        if (end >= rest.Length) return false;
        value = rest[1..end];
        rest = rest[(end + 1)..];
        return true;
    }
}
