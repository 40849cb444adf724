using CiMetrics.Exposition;
using CiMetrics.Sidecar.Delivery;
using CiMetrics.Sidecar.Spooling;

namespace CiMetrics.Sidecar.Metrics;

/// <summary>What waits in the spool, and how long ago the receiver took something.</summary>
internal sealed class StateCollector(Spool spool, DeliveryCounts delivery, TimeProvider time) : ICollector
{
    private static readonly MetricFamily Waiting = new("ci_sidecar_spool_events", "Events in the spool that the receiver does not have yet.", MetricType.Gauge);
    private static readonly MetricFamily Age = new("ci_sidecar_spool_oldest_age_seconds", "Age of the event that waits longest in the spool; 0 where none waits.", MetricType.Gauge);
    private static readonly MetricFamily LastSuccess = new(
        "ci_sidecar_last_success_timestamp_seconds", "When the receiver last took an event, in seconds since 1970; absent before the first.", MetricType.Gauge);

    private static readonly MetricFamily DeadLetters = new("ci_sidecar_spool_dead_letters", "Events that were put aside and are kept in dead-letters/.", MetricType.Gauge);
    private static readonly MetricFamily Invalid = new("ci_sidecar_spool_invalid_files", "Files that held no event and are kept in invalid/.", MetricType.Gauge);

    public string Name => "spool";

    public IReadOnlyList<MetricFamily> Families { get; } = [Waiting, Age, DeadLetters, Invalid, LastSuccess];

    public void Collect(MetricWriter writer)
    {
        writer.Write(Waiting, spool.Count);
        writer.Write(Age, spool.Oldest is { } oldest ? (time.GetUtcNow() - oldest).TotalSeconds : 0d);
        writer.Write(DeadLetters, spool.DeadLetterCount);
        writer.Write(Invalid, spool.InvalidCount);
        if (delivery.LastSuccess is { } milliseconds) writer.Write(LastSuccess, milliseconds / 1000d);
    }
}
