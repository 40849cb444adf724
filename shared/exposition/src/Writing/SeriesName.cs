using System.Runtime.CompilerServices;
using System.Text;

namespace CiMetrics.Exposition;

/// <summary>One series name of a family, as the pieces a line begins with.</summary>
internal sealed class SeriesName
{
    private readonly StaticLabels _statics;
    private readonly byte[] _open;
    private readonly byte[] _bare;
    private readonly byte[] _openWithStatics;

    public SeriesName(string name, StaticLabels statics)
    {
        _statics = statics;
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        _open = [.. bytes, .. "{"u8];
        _bare = statics.IsEmpty ? [.. bytes, .. " "u8] : [.. _open, .. statics.Pairs, .. "} "u8];
        _openWithStatics = statics.IsEmpty ? _open : [.. _open, .. statics.Pairs, .. ","u8];
    }

    /// <summary>More than any line's beginning takes, without the label set.</summary>
    public int MaxOverhead => _bare.Length + _open.Length;

    /// <summary>Writes name and labels up to the value; returns the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Write(Span<byte> destination, LabelSet labels)
    {
        if (labels.IsEmpty)
        {
            _bare.CopyTo(destination);
            return _bare.Length;
        }

        _open.CopyTo(destination);
        int length = _open.Length;
        if (_statics.IsEmpty)
        {
            ReadOnlySpan<byte> closed = labels.Closed;
            closed.CopyTo(destination[length..]);
            return length + closed.Length;
        }

        ReadOnlySpan<byte> open = labels.Open;
        open.CopyTo(destination[length..]);
        length += open.Length;
        _statics.Closing.CopyTo(destination[length..]);
        return length + _statics.Closing.Length;
    }

    /// <summary>The same with a last label, given with its closing (<c>le="1"} </c>).</summary>
    public int Write(Span<byte> destination, LabelSet labels, ReadOnlySpan<byte> lastLabel)
    {
        int length = 0;
        if (labels.IsEmpty)
        {
            Append(destination, ref length, _openWithStatics);
        }
        else
        {
            Append(destination, ref length, _open);
            Append(destination, ref length, labels.Open);
            Append(destination, ref length, _statics.Continued);
            destination[length++] = (byte)',';
        }

        Append(destination, ref length, lastLabel);
        return length;
    }

    private static void Append(Span<byte> destination, ref int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination[length..]);
        length += bytes.Length;
    }
}
