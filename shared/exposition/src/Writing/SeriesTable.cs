namespace CiMetrics.Exposition;

/// <summary>
/// Which label sets a family has in this gather. Collectors write the same sets in the same order nearly always:
/// as long as they do, comparing with the sequence of the gather before is the whole check, because that one had no duplicate.
/// From the first difference on, an open-addressing table decides. Both are reused, so that the check allocates nothing.
/// </summary>
internal sealed class SeriesTable
{
    private LabelSet[] _sequence = [];
    private int _count;

    /// <summary>How much of the sequence is known to be without duplicates from the gather before; 0 once this gather differs.</summary>
    private int _known;

    /// <summary>Positions in the sequence plus one, by hash; empty where <see cref="_known"/> decides.</summary>
    private int[] _slots = [];

    /// <summary>Adds a label set; false if one with the same labels is there.</summary>
    public bool Add(LabelSet labels)
    {
        if (_count < _known && ReferenceEquals(_sequence[_count], labels))
        {
            _count++;
            return true;
        }

        return AddSlowly(labels);
    }

    /// <summary>Ends a gather. What was added is what the next one is compared with, if it was all accepted.</summary>
    public void End(bool accepted)
    {
        if (_known == 0)
            Array.Clear(_slots);
        _known = accepted ? _count : 0;

        // Series that are gone are not kept alive; room for eight times as many as there are is given back.
        if (_count * 8 < _sequence.Length)
        {
            Array.Resize(ref _sequence, _count);
            _slots = [];
        }
        else
        {
            Array.Clear(_sequence, _count, _sequence.Length - _count);
        }

        _count = 0;
    }

    private bool AddSlowly(LabelSet labels)
    {
        _known = 0;
        if (_count == _sequence.Length)
            Array.Resize(ref _sequence, Math.Max(8, _count * 2));
        if (_slots.Length < _sequence.Length * 2)
            _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_sequence.Length * 2)];
        if (_slots.AsSpan().IndexOfAnyExcept(0) < 0)
            FillSlots();
        _sequence[_count] = labels;
        if (!Insert(_count))
            return false;
        _count++;
        return true;
    }

    private void FillSlots()
    {
        for (int i = 0; i < _count; i++)
            Insert(i);
    }

    private bool Insert(int position)
    {
        LabelSet labels = _sequence[position];
        int mask = _slots.Length - 1;
        for (int i = (int)labels.Hash & mask; ; i = (i + 1) & mask)
        {
            if (_slots[i] == 0)
            {
                _slots[i] = position + 1;
                return true;
            }

            LabelSet other = _sequence[_slots[i] - 1];
            if (other.Hash == labels.Hash && other.Closed.SequenceEqual(labels.Closed))
                return false;
        }
    }
}
