using CiMetrics.Exposition;
using CiMetrics.Sidecar.Spooling;

namespace CiMetrics.Sidecar.Metrics;

/// <summary>What waits in the spool.</summary>
internal sealed class SpoolCollector(Spool spool, TimeProvider time) : ICollector
{
    private static readonly MetricFamily Waiting = new("ci_sidecar_spool_events", "Events in the spool that the receiver does not have yet.", MetricType.Gauge);
    private static readonly MetricFamily Age = new("ci_sidecar_spool_oldest_age_seconds", "Age of the event that waits longest in the spool; 0 where none waits.", MetricType.Gauge);

    public string Name => "spool";

    public IReadOnlyList<MetricFamily> Families { get; } = [Waiting, Age];

    public void Collect(MetricWriter writer)
    {
        writer.Write(Waiting, spool.Count);
        writer.Write(Age, spool.Oldest is { } oldest ? (time.GetUtcNow() - oldest).TotalSeconds : 0d);
    }
}
