namespace CiMetrics.Exposition;

/// <summary>What a metric family measures. Names of the TYPE line differ by format; names of the series never do.</summary>
public enum MetricType
{
    /// <summary>A value that only grows. Without the suffix <c>_total</c> OpenMetrics has no counter: such a family is <c>unknown</c> there.</summary>
    Counter,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A classic histogram: cumulative <c>_bucket</c> series, <c>_sum</c> and <c>_count</c>.</summary>
    Histogram,

    /// <summary>A constant 1 whose labels are the facts. The name ends in <c>_info</c>; a gauge in the text format.</summary>
    Info,
}
