using CiMetrics.Exposition;

namespace CiMetrics.GitHubRunner.State;

/// <summary>A histogram's figures, in seconds.</summary>
internal sealed class Durations
{
    /// <summary>Bounds for jobs: those of the users' earlier exporter (60 to 3600) and finer ones around them.</summary>
    public static readonly BucketBounds JobBounds = new(10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600);

    /// <summary>Bounds for waiting.</summary>
    public static readonly BucketBounds QueueBounds = new(1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400);

    /// <summary>Bounds for lead and recovery times, from minutes to a month.</summary>
    public static readonly BucketBounds DeliveryBounds = new(300, 900, 3600, 14400, 43200, 86400, 259200, 604800, 2592000);

    /// <summary>Observations per bucket, not cumulative.</summary>
    public long[] Counts { get; set; } = [];

    /// <summary>Sum of the observed values.</summary>
    public double Sum { get; set; }

    /// <summary>Adds one.</summary>
    public void Observe(BucketBounds bounds, double seconds)
    {
        if (Counts.Length != bounds.BucketCount) Counts = new long[bounds.BucketCount];
        Counts[bounds.IndexOf(seconds)]++;
        Sum += seconds;
    }

    /// <summary>A copy that no later observation changes, with a count for each bucket.</summary>
    public Durations Copy(BucketBounds bounds) => new() { Counts = Counts.Length == bounds.BucketCount ? [.. Counts] : new long[bounds.BucketCount], Sum = Sum };
}
