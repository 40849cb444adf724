namespace CiMetrics.Exposition;

/// <summary>
/// Buffers of three sizes that families and bodies are made of. It keeps no more than the latest body suggests,
/// so that a burst of series does not stay in memory. Thread-safe.
/// </summary>
internal sealed class ChunkPool
{
    private const int LeastKept = 256 * 1024;

    /// <summary>Bodies in use at the same time: one gathered while the ones before are sent.</summary>
    private const int BodiesKept = 3;

    private static readonly int[] Sizes = [1024, 8 * 1024, 64 * 1024];

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>[] _free = [new(), new(), new()];
    private readonly Stack<SharedBody> _bodies = new();
    private long _kept;
    private long _limit = LeastKept;

    /// <summary>A buffer of at least the minimum, preferably of the preferred length; its content is arbitrary.</summary>
    public byte[] Rent(int minimum, long preferred)
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            if (Sizes[i] < minimum || (Sizes[i] < preferred && i < Sizes.Length - 1))
                continue;
            lock (_lock)
            {
                if (_free[i].TryPop(out byte[]? chunk))
                {
                    _kept -= chunk.Length;
                    return chunk;
                }
            }

            return GC.AllocateUninitializedArray<byte>(Sizes[i]);
        }

        return GC.AllocateUninitializedArray<byte>(minimum);
    }

    /// <summary>Takes back a buffer; one that is not of the pool's sizes is left to the garbage collector.</summary>
    public void Return(byte[] chunk)
    {
        int size = Array.IndexOf(Sizes, chunk.Length);
        if (size < 0)
            return;
        lock (_lock)
        {
            if (_kept + chunk.Length > _limit)
                return;
            _free[size].Push(chunk);
            _kept += chunk.Length;
        }
    }

    /// <summary>Tells the length of the latest body, which decides how much is kept.</summary>
    public void Fit(long bodyLength)
    {
        lock (_lock)
        {
            _limit = Math.Max(LeastKept, BodiesKept * bodyLength * 5 / 4);
            for (int i = Sizes.Length - 1; i >= 0; i--)
            {
                while (_kept > _limit && _free[i].TryPop(out byte[]? chunk))
                    _kept -= chunk.Length;
            }
        }
    }

    /// <summary>An empty body.</summary>
    public SharedBody RentBody()
    {
        lock (_lock)
            return _bodies.TryPop(out SharedBody? body) ? body : new SharedBody(this);
    }

    /// <summary>Takes back a body that nobody holds any more.</summary>
    public void Return(SharedBody body)
    {
        lock (_lock)
        {
            if (_bodies.Count < BodiesKept)
                _bodies.Push(body);
        }
    }
}
