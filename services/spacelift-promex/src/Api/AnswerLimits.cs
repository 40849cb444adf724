namespace CiMetrics.Spacelift.Api;

/// <summary>What JSON's shape does not say: lists have no holes, and not more items than become series.</summary>
internal static class AnswerLimits
{
    /// <summary>The most pools of an account.</summary>
    public const int MostPools = 2_000;

    private const int MostPoints = 1_000;
    // Twenty times what is asked for.
    private const int MostOnPage = 1_000;

    /// <summary>What is wrong with the pools; null: nothing.</summary>
    public static string? Problem(WorkerPoolsData data) =>
        data.WorkerPools.Count > MostPools ? $"more than {MostPools} worker pools"
        : data.WorkerPools.Any(pool => pool is null || pool.Workers.Any(worker => worker is null)) ? "null in a list of pools or workers"
        : null;

    /// <summary>What is wrong with the aggregates; null: nothing.</summary>
    public static string? Problem(MetricsData data)
    {
        AccountMetrics metrics = data.Metrics;
        foreach (IReadOnlyList<DataPoint>? points in (ReadOnlySpan<IReadOnlyList<DataPoint>?>)
            [metrics.StacksCountByState, metrics.ResourcesCountByDrift, metrics.AvgStackSizeByResourceCount, metrics.AverageRunDuration, metrics.MedianRunDuration])
        {
            if (points is null) continue;
            if (points.Count > MostPoints) return $"more than {MostPoints} values of one aggregate";
            if (points.Any(point => point is null || point.Labels?.Any(label => label is null) == true)) return "null in a list of values";
        }
        return null;
    }

    /// <summary>What is wrong with a page; null: nothing.</summary>
    public static string? Problem<T>(Page<T> page)
        where T : class =>
        page.Edges.Count > MostOnPage ? $"more than {MostOnPage} items on a page"
        : page.Edges.Any(edge => edge?.Node is null) ? "null in a list of items"
        : null;
}
