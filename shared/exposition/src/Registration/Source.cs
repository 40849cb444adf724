namespace CiMetrics.Exposition;

/// <summary>Something a gather asks for samples, with the segments of its families.</summary>
internal abstract class Source(string name, IEnumerable<FamilySegment> segments)
{
    // Replaced as a whole: a gather adds to it while other threads may read it.
    private volatile FamilySegment[] _segments = [.. segments];
    private GatherMode _mode;

    public string Name => name;

    /// <summary>The segments; a gather may add some.</summary>
    public FamilySegment[] Segments => _segments;

    /// <summary>Starts a gather.</summary>
    public void Begin(GatherMode mode)
    {
        _mode = mode;
        foreach (FamilySegment segment in _segments)
            segment.Begin(mode);
    }

    /// <summary>Writes all samples, or throws.</summary>
    public abstract void Write();

    /// <summary>Drops what was written.</summary>
    public void Discard()
    {
        foreach (FamilySegment segment in _segments)
            segment.Discard();
    }

    /// <summary>Adds a segment while writing.</summary>
    protected FamilySegment Add(FamilySegment segment)
    {
        segment.Begin(_mode);
        _segments = [.. _segments, segment];
        return segment;
    }
}

/// <summary>A source over a snapshot, whose output is checked.</summary>
internal sealed class CollectorSource : Source
{
    private readonly ICollector _collector;
    private readonly MetricWriter _writer;

    /// <summary>Creates a source.</summary>
    /// <param name="collector">What writes the samples.</param>
    /// <param name="name">Its name.</param>
    /// <param name="segments">Those of the families that it names.</param>
    /// <param name="admit">Checks a family that comes later and makes its segment.</param>
    public CollectorSource(ICollector collector, string name, IReadOnlyList<FamilySegment> segments, Func<MetricFamily, FamilySegment> admit)
        : base(name, segments)
    {
        _collector = collector;
        _writer = new MetricWriter(segments, collector.HasMoreFamilies ? family => Add(admit(family)) : null);
    }

    public override void Write()
    {
        _writer.Begin();
        _collector.Collect(_writer);
        if (_writer.Violation is { } violation)
            throw violation;
    }
}

/// <summary>A source that is right by construction.</summary>
internal sealed class InstrumentSource(IInstrument instrument, FamilySegment segment) : Source(instrument.Family.Name, [segment])
{
    public override void Write() => instrument.WriteTo(segment);
}

/// <summary>A source of nothing.</summary>
internal sealed class SilentSource(string name) : Source(name, [])
{
    public override void Write()
    {
    }
}
