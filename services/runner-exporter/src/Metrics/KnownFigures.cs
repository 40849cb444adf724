using CiMetrics.Exposition;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Writes a figure where it is known. One that is not is left out: it is never zero for want of knowing.</summary>
internal static class KnownFigures
{
    public static void WriteKnown(this MetricWriter writer, MetricFamily family, LabelSet labels, long? value)
    {
        if (value is { } known) writer.Write(family, labels, known);
    }

    public static void WriteKnown(this MetricWriter writer, MetricFamily family, LabelSet labels, double? value)
    {
        if (value is { } known) writer.Write(family, labels, known);
    }
}
