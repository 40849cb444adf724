namespace CiMetrics.Exposition;

/// <summary>What a registry shows beyond plain series, in OpenMetrics only. Off by default.</summary>
public sealed record RegistryOptions
{
    /// <summary>Show exemplars of counters and histogram buckets.</summary>
    public bool Exemplars { get; init; }

    /// <summary>Show a <c>_created</c> series per counter and histogram (Prometheus 2.42 stores it as one more series).</summary>
    public bool CreatedTimestamps { get; init; }

    /// <summary>
    /// Leave out <c>exporter_collector_errors_total</c>, for figures that several processes serve as if they were one. Let
    /// <see cref="CollectorRegistry.CollectorFailed"/> throw then: a failure must fail the scrape.
    /// </summary>
    public bool WithoutErrorCounter { get; init; }

    /// <summary>The clock of created timestamps and exemplars.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
