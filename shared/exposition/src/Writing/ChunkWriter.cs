using System.Runtime.CompilerServices;

namespace CiMetrics.Exposition;

/// <summary>Bytes in pooled chunks, appended at the end. Not thread-safe.</summary>
internal sealed class ChunkWriter(ChunkPool pool)
{
    private readonly List<ReadOnlyMemory<byte>> _full = [];
    private byte[] _current = [];
    private int _position;
    private long _fullLength;
    private long _expected;

    /// <summary>Bytes written.</summary>
    public long Length => _fullLength + _position;

    /// <summary>Whether nothing was written.</summary>
    public bool IsEmpty => _position == 0 && _full.Count == 0;

    /// <summary>Room for that many bytes in one piece; what is used of it is told to <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int length)
    {
        if (_current.Length - _position < length)
            Grow(length);
        return _current.AsSpan(_position);
    }

    /// <summary>Says how much of the reserved room was written.</summary>
    public void Advance(int length) => _position += length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _position += bytes.Length;
    }

    /// <summary>Hands everything to a body, and is empty again.</summary>
    public void MoveTo(SharedBody body)
    {
        _expected = Length;
        Seal();
        foreach (ReadOnlyMemory<byte> chunk in _full)
            body.Add(chunk);
        _full.Clear();
        _fullLength = 0;
    }

    /// <summary>Drops everything.</summary>
    public void Discard()
    {
        Seal();
        foreach (ReadOnlyMemory<byte> chunk in _full)
            SharedBody.Return(pool, chunk);
        _full.Clear();
        _fullLength = 0;
    }

    private void Grow(int length)
    {
        long preferred = Math.Max(_expected - Length, length);
        Seal();
        _current = pool.Rent(length, Math.Max(preferred, _fullLength));
    }

    private void Seal()
    {
        if (_position > 0)
            _full.Add(_current.AsMemory(0, _position));
        else if (_current.Length > 0)
            pool.Return(_current);
        _fullLength += _position;
        _current = [];
        _position = 0;
    }
}
