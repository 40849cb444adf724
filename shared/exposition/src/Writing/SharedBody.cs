using System.Runtime.InteropServices;

namespace CiMetrics.Exposition;

/// <summary>A whole response body that several scrapes hold; its chunks go back to the pool with the last of them.</summary>
internal sealed class SharedBody(ChunkPool pool)
{
    private readonly List<ReadOnlyMemory<byte>> _chunks = [];
    private int _holders;

    /// <summary>Bytes in the body.</summary>
    public long Length { get; private set; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Chunks => _chunks;

    /// <summary>Adds bytes at the end; a chunk that is not the pool's stays its owner's.</summary>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        _chunks.Add(chunk);
        Length += chunk.Length;
    }

    /// <summary>Adds holders. The body must be held, or not be shared yet.</summary>
    public void Hold(int holders) => Interlocked.Add(ref _holders, holders);

    /// <summary>Gives up one hold.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            Recycle();
    }

    /// <summary>Empties a body that nobody holds.</summary>
    public void Recycle()
    {
        foreach (ReadOnlyMemory<byte> chunk in _chunks)
            Return(pool, chunk);
        _chunks.Clear();
        Length = 0;
        pool.Return(this);
    }

    internal static void Return(ChunkPool pool, ReadOnlyMemory<byte> chunk)
    {
        if (MemoryMarshal.TryGetArray(chunk, out ArraySegment<byte> segment))
            pool.Return(segment.Array!);
    }
}
