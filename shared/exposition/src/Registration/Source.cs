namespace CiMetrics.Exposition;

/// <summary>Something a gather asks for samples, with the segments of its families.</summary>
internal abstract class Source(string name, FamilySegment[] segments)
{
    public string Name => name;

    public FamilySegment[] Segments => segments;

    /// <summary>Writes all samples, or throws.</summary>
    public abstract void Write();
}

/// <summary>A source over a snapshot, whose output is checked.</summary>
internal sealed class CollectorSource(ICollector collector, string name, FamilySegment[] segments) : Source(name, segments)
{
    private readonly MetricWriter _writer = new(segments);

    public override void Write()
    {
        _writer.Begin();
        collector.Collect(_writer);
        if (_writer.Violation is { } violation)
            throw violation;
    }
}

/// <summary>A source that is right by construction.</summary>
internal sealed class InstrumentSource(IInstrument instrument, FamilySegment segment) : Source(instrument.Family.Name, [segment])
{
    public override void Write() => instrument.WriteTo(segment);
}
