namespace CiMetrics.Exposition;

/// <summary>
/// Buffers of three sizes that families and bodies are made of. It keeps as many as were in use at one time within the last minutes,
/// so that steady scrapes allocate none and a burst of series does not stay in memory. Thread-safe.
/// </summary>
internal sealed class ChunkPool(TimeProvider time)
{
    /// <summary>Longer than any usual scrape interval.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    private static readonly int[] Sizes = [1024, 8 * 1024, 64 * 1024];

    private readonly Lock _lock = new();
    private readonly Shelf<byte[]>[] _shelves = [.. Sizes.Select(size => new Shelf<byte[]>(() => GC.AllocateUninitializedArray<byte>(size)))];
    private Shelf<SharedBody>? _bodies;
    private long _windowStart = time.GetTimestamp();

    private Shelf<SharedBody> Bodies => _bodies ??= new Shelf<SharedBody>(() => new SharedBody(this));

    /// <summary>A buffer of at least the minimum, preferably of the preferred length; its content is arbitrary.</summary>
    public byte[] Rent(int minimum, long preferred)
    {
        int size = IndexOf(Math.Max(minimum, Math.Min(preferred, Sizes[^1])));
        if (size < 0)
            return GC.AllocateUninitializedArray<byte>(minimum);
        lock (_lock)
            return _shelves[size].Take();
    }

    /// <summary>Takes back a buffer; one that is not of the pool's sizes is left to the garbage collector.</summary>
    public void Return(byte[] chunk)
    {
        int size = Array.IndexOf(Sizes, chunk.Length);
        if (size < 0)
            return;
        lock (_lock)
            _shelves[size].Put(chunk);
    }

    /// <summary>An empty body.</summary>
    public SharedBody RentBody()
    {
        lock (_lock)
            return Bodies.Take();
    }

    /// <summary>Takes back a body that nobody holds any more.</summary>
    public void Return(SharedBody body)
    {
        lock (_lock)
            Bodies.Put(body);
    }

    /// <summary>Ends a gather: gives back what was not needed in this window and the one before.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_windowStart) < Window)
                return;
            _windowStart = time.GetTimestamp();
            foreach (Shelf<byte[]> shelf in _shelves)
                shelf.EndWindow();
            Bodies.EndWindow();
        }
    }

    private static int IndexOf(long length)
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            if (Sizes[i] >= length)
                return i;
        }

        return -1;
    }

    /// <summary>Things of one kind: those on loan are counted, those that came back wait.</summary>
    private sealed class Shelf<T>(Func<T> create)
    {
        private readonly Stack<T> _free = new();
        private int _lent;
        private int _peak;
        private int _lastPeak;

        public T Take()
        {
            _peak = Math.Max(_peak, ++_lent);
            return _free.TryPop(out T? item) ? item : create();
        }

        public void Put(T item)
        {
            _lent--;
            _free.Push(item);
        }

        public void EndWindow()
        {
            int needed = Math.Max(_peak, _lastPeak);
            _lastPeak = _peak;
            _peak = _lent;
            while (_free.Count + _lent > needed && _free.TryPop(out _))
            {
            }
        }
    }
}
