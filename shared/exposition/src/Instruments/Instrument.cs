using System.Buffers;
using System.Runtime.InteropServices;

namespace CiMetrics.Exposition;

/// <summary>A family of the process's own values: one child per label set. Thread-safe.</summary>
/// <typeparam name="TChild">One series (of a histogram: one set of buckets).</typeparam>
public abstract class Instrument<TChild> : IInstrument
    where TChild : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LabelSet, TChild> _children = new(LabelSetComparer.Instance);
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private readonly TChild? _unlabelled;

    // Only a gather touches it, and there is never more than one; so it can be refilled in place.
    private readonly List<TChild> _gathered = [];
    private bool _changed = true;

    private protected Instrument(MetricFamily family, Func<LabelSet, TChild> create)
    {
        Family = family;
        Create = create;
        // A family without labels is one series, and is there from the start: with zero.
        if (family.Schema.LabelNames.Count == 0)
            _unlabelled = WithLabels();
    }

    /// <summary>The family's name.</summary>
    public string Name => Family.Name;

    MetricFamily IInstrument.Family => Family;

    /// <summary>The only series of a family without labels.</summary>
    private protected TChild Unlabelled =>
        _unlabelled ?? throw new InvalidOperationException($"{Name} has labels ({string.Join(", ", Family.Schema.LabelNames)}): use WithLabels");

    private MetricFamily Family { get; }

    private Func<LabelSet, TChild> Create { get; }

    /// <summary>The child of these label values, created with zero at first use. Keep it where it is used often.</summary>
    /// <param name="values">One value per label name, in their order.</param>
    /// <exception cref="ArgumentException">The number of values is not the number of names.</exception>
    public TChild WithLabels(params ReadOnlySpan<string> values)
    {
        lock (_lock)
        {
            if (_children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(Encode(values), out TChild? child))
                return child;
            LabelSet labels = Family.Schema.WithValues(values);
            child = Create(labels);
            _children.Add(labels, child);
            _changed = true;
            return child;
        }
    }

    /// <summary>Removes a series from the output. A child somebody kept goes on counting unseen; false if there was none.</summary>
    public bool RemoveLabelled(params ReadOnlySpan<string> values)
    {
        lock (_lock)
        {
            bool removed = _children.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(Encode(values));
            _changed |= removed;
            return removed;
        }
    }

    void IInstrument.WriteTo(FamilySegment segment)
    {
        lock (_lock)
        {
            if (_changed)
            {
                _gathered.Clear();
                _gathered.AddRange(_children.Values);
                _changed = false;
            }
        }

        WriteTo(segment, CollectionsMarshal.AsSpan(_gathered));
    }

    /// <summary>The label set's bytes, in a buffer that the lock guards: the bytes are the key, so no strings are kept.</summary>
    private ReadOnlySpan<byte> Encode(ReadOnlySpan<string> values)
    {
        _scratch.ResetWrittenCount();
        Family.Schema.Write(_scratch, values);
        return _scratch.WrittenSpan;
    }

    private protected abstract void WriteTo(FamilySegment segment, ReadOnlySpan<TChild> children);
}
