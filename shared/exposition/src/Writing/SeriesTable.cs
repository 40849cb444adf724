namespace CiMetrics.Exposition;

/// <summary>Which label sets a family already has in this gather: an open-addressing table that is reused, so that the check allocates nothing.</summary>
internal sealed class SeriesTable
{
    private ulong[] _hashes = [];
    private LabelSet?[] _sets = [];
    private int _count;

    /// <summary>Adds a label set; false if one with the same labels is there.</summary>
    public bool Add(LabelSet labels)
    {
        if (_count * 2 >= _hashes.Length)
            Resize();
        if (!Insert(labels))
            return false;
        _count++;
        return true;
    }

    /// <summary>Forgets everything; keeps the room for as many, unless it was mostly unused.</summary>
    public void Clear()
    {
        if (_hashes.Length > 64 && _count * 8 < _hashes.Length)
        {
            _hashes = [];
            _sets = [];
        }

        if (_count > 0)
        {
            Array.Clear(_hashes);
            Array.Clear(_sets);
        }

        _count = 0;
    }

    private bool Insert(LabelSet labels)
    {
        ulong hash = labels.Hash;
        int mask = _hashes.Length - 1;
        for (int i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            if (_hashes[i] == 0)
            {
                _hashes[i] = hash;
                _sets[i] = labels;
                return true;
            }

            if (_hashes[i] == hash && _sets[i]!.Closed.SequenceEqual(labels.Closed))
                return false;
        }
    }

    private void Resize()
    {
        LabelSet?[] old = _sets;
        int size = Math.Max(16, _hashes.Length * 2);
        _hashes = new ulong[size];
        _sets = new LabelSet?[size];
        foreach (LabelSet? labels in old)
        {
            if (labels is not null)
                Insert(labels);
        }
    }
}
