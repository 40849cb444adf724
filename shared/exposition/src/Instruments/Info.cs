namespace CiMetrics.Exposition;

/// <summary>A constant 1 with labels.</summary>
internal sealed class Info(MetricFamily family, LabelSet labels) : IInstrument
{
    public MetricFamily Family => family;

    public void WriteTo(FamilySegment segment) => segment.Write(labels, 1L);
}
