namespace CiMetrics.Exposition;

/// <summary>
/// Turns a snapshot into const metrics. Called on every gather, never twice at a time; it does no I/O, waits for nothing and changes no state.
/// </summary>
public interface ICollector
{
    /// <summary>A short name ("builds") for the log and for <c>exporter_collector_errors_total{collector}</c>.</summary>
    string Name { get; }

    /// <summary>Every family it may write. Read once, when it is registered.</summary>
    IReadOnlyList<MetricFamily> Families { get; }

    /// <summary>
    /// Whether it may also write families that <see cref="Families"/> does not name, because their names come with the
    /// data. Each is checked like the others when its first sample is written, and stays.
    /// </summary>
    bool HasMoreFamilies => false;

    /// <summary>
    /// Writes the samples, families in any order and interleaved. If it throws or breaks a rule of the writer,
    /// nothing it wrote is served and <see cref="CollectorRegistry.CollectorFailed"/> tells; the other collectors are.
    /// </summary>
    void Collect(MetricWriter writer);
}
