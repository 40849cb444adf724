namespace CiMetrics.Exposition;

/// <summary>A family that keeps its own values and writes them, each series once.</summary>
internal interface IInstrument
{
    MetricFamily Family { get; }

    void WriteTo(FamilySegment segment);
}
