using System.Numerics;
using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Ledger;

/// <summary>
/// The keys of the last days in the order in which they came, each with its time: 20 bytes in a queue of blocks, and 4
/// bytes in a table of positions (open addressing, at most three quarters full), 25 to 31 bytes in all. Blocks that are
/// full never change, so that a snapshot shares them.
/// </summary>
internal sealed class RecentKeys
{
    private const int BlockBits = 14;
    private const int BlockSize = 1 << BlockBits;

    // Positions in the table begin again after so many; zero stays free for empty places.
    private const long Cycle = (1L << 32) - BlockSize;

    // Senders choose keys: without a secret they could choose ones that fall on one place of the table.
    private readonly ulong _secret = (ulong)Random.Shared.NextInt64() | 1;
    private readonly List<Block> _blocks = [];
    private readonly int _most;

    // Positions count up for ever.
    private long _first;
    private long _next;
    private uint[] _table = [];
    private int _shift;

    /// <summary>Creates an empty memory.</summary>
    /// <param name="most">How many keys it holds at most; the oldest go.</param>
    public RecentKeys(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        _most = most;
        Resize(64);
    }

    /// <summary>How many keys it holds.</summary>
    public int Count => (int)(_next - _first);

    /// <summary>When the newest key came that had to go before its time, milliseconds since 1970; 0 where none did.</summary>
    public long ForgottenTo { get; set; }

    private long FirstOfBlocks => _first & ~(BlockSize - 1L);

    /// <summary>Whether a key is remembered.</summary>
    public bool Contains(EventKey key) => Find(key) >= 0;

    /// <summary>Remembers a key; one that is there stays as it is.</summary>
    public void Add(EventKey key, long time)
    {
        if (Contains(key)) return;
        if (Count == _most)
        {
            ForgottenTo = Math.Max(ForgottenTo, Entry(_first).Time);
            RemoveFirst();
        }

        if ((Count + 1) * 4L > _table.Length * 3L) Resize(_table.Length * 2);
        if ((_next & (BlockSize - 1)) == 0) _blocks.Add(new Block());
        Block block = _blocks[^1];
        int index = (int)(_next & (BlockSize - 1));
        (block.Keys[index], block.Times[index]) = (key, (uint)(time / 1000));
        Insert(key, _next++);
    }

    /// <summary>Forgets the keys that came before a time, milliseconds since 1970.</summary>
    public void ForgetBefore(long time)
    {
        while (Count > 0 && Entry(_first).Time < time) RemoveFirst();
    }

    /// <summary>The keys as they are now, in blocks; what comes later does not show in it.</summary>
    public IReadOnlyList<KeyBlock> Capture()
    {
        List<KeyBlock> captured = [];
        long start = FirstOfBlocks;
        foreach (Block block in _blocks)
        {
            int from = (int)Math.Max(0, _first - start);
            int to = (int)Math.Min(BlockSize, _next - start);
            if (to == BlockSize) captured.Add(new KeyBlock(block.Keys.AsMemory(from, to - from), block.Times.AsMemory(from, to - from)));
            else if (to > from) captured.Add(new KeyBlock(block.Keys.AsSpan(from, to - from).ToArray(), block.Times.AsSpan(from, to - from).ToArray()));
            start += BlockSize;
        }

        return captured;
    }

    private (EventKey Key, long Time) Entry(long position)
    {
        Block block = _blocks[(int)((position - FirstOfBlocks) >> BlockBits)];
        int index = (int)(position & (BlockSize - 1));
        return (block.Keys[index], block.Times[index] * 1000L);
    }

    private void RemoveFirst()
    {
        Delete(Find(Entry(_first).Key));
        _first++;
        if ((_first & (BlockSize - 1)) == 0) _blocks.RemoveAt(0);
    }

    private long PositionAt(int place)
    {
        long offset = _table[place] - 1L - (_first % Cycle);
        return _first + (offset < 0 ? offset + Cycle : offset);
    }

    private bool IsEmpty(int place) => _table[place] == 0;

    private int PlaceOf(EventKey key) => (int)(((key.Low ^ BitOperations.RotateLeft(key.High, 32)) * _secret) >> _shift);

    private int Find(EventKey key)
    {
        int mask = _table.Length - 1;
        for (int place = PlaceOf(key); !IsEmpty(place); place = (place + 1) & mask)
        {
            if (Entry(PositionAt(place)).Key == key) return place;
        }

        return -1;
    }

    private void Insert(EventKey key, long position)
    {
        int mask = _table.Length - 1;
        int place = PlaceOf(key);
        while (!IsEmpty(place)) place = (place + 1) & mask;
        _table[place] = Stored(position);
    }

    private static uint Stored(long position) => (uint)(position % Cycle) + 1;

    // Later keys of the same run move up, so that no marks of deleted ones pile up.
    private void Delete(int place)
    {
        int mask = _table.Length - 1;
        int hole = place;
        for (int next = (hole + 1) & mask; !IsEmpty(next); next = (next + 1) & mask)
        {
            int home = PlaceOf(Entry(PositionAt(next)).Key);
            if (((next - home) & mask) < ((next - hole) & mask)) continue;
            _table[hole] = _table[next];
            hole = next;
        }

        _table[hole] = 0;
    }

    private void Resize(int size)
    {
        _table = new uint[size];
        _shift = 64 - BitOperations.Log2((uint)size);
        for (long position = _first; position < _next; position++) Insert(Entry(position).Key, position);
    }

    private sealed class Block
    {
        public EventKey[] Keys { get; } = new EventKey[BlockSize];

        public uint[] Times { get; } = new uint[BlockSize];
    }
}

/// <summary>Some keys and the seconds since 1970 in which each came.</summary>
internal sealed record KeyBlock(ReadOnlyMemory<EventKey> Keys, ReadOnlyMemory<uint> Times);
