using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>Writes what was fetched for the scrape; what could not be fetched is left out.</summary>
internal sealed class AccountCollector(Account account) : ICollector
{
    private const double NanosecondsPerSecond = 1e9;

    private static readonly string[] Statuses = ["idle", "busy", "draining", "drained"];

    private readonly Dictionary<(string Id, string Name), PoolSeries> _pools = [];

    /// <inheritdoc/>
    public string Name => "account";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => AccountFamilies.All;

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        if (account.PublicPool.Slot.Value is { } data) Write(writer, data.PublicWorkerPool);
        if (account.WorkerPools.Slot.Value is { } pools) Write(writer, pools.WorkerPools);
        if (account.Usage.Slot.Value is { } usage) Write(writer, usage.Usage);
        if (account.Metrics.Slot.Value is { } metrics) Write(writer, metrics.Metrics);
    }

    private static void Write(MetricWriter writer, PublicPool pool)
    {
        writer.Write(AccountFamilies.PublicPending, pool.PendingRuns);
        writer.Write(AccountFamilies.PublicBusy, pool.BusyWorkers);
        writer.Write(AccountFamilies.PublicParallelism, pool.Parallelism);
    }

    private void Write(MetricWriter writer, IReadOnlyList<WorkerPool> pools)
    {
        foreach (WorkerPool pool in pools.DistinctBy(pool => Words.Label(pool.Id), StringComparer.Ordinal))
        {
            PoolSeries series = SeriesOf(pool);
            LabelSet labels = series.Labels;
            writer.Write(AccountFamilies.PoolPending, labels, pool.PendingRuns);
            writer.Write(AccountFamilies.PoolBusy, labels, pool.BusyWorkers);
            writer.Write(AccountFamilies.PoolWorkers, labels, pool.Workers.Count);
            writer.Write(AccountFamilies.PoolDrained, labels, pool.Workers.Count(worker => worker.Drained));
            WriteStatuses(writer, pool, series);
        }
        // Pools that were deleted or renamed.
        if (_pools.Count > 2 * pools.Count + 16) _pools.Clear();
    }

    private static void WriteStatuses(MetricWriter writer, WorkerPool pool, PoolSeries series)
    {
        // A Spacelift that does not say which workers are busy says nothing of their status.
        if (pool.Workers.Any(worker => worker.Busy is null)) return;
        Span<int> counts = stackalloc int[Statuses.Length];
        foreach (Worker worker in pool.Workers) counts[worker.Drained ? (worker.Busy == true ? 2 : 3) : (worker.Busy == true ? 1 : 0)]++;
        for (int i = 0; i < counts.Length; i++) writer.Write(AccountFamilies.PoolStatus, series.Statuses[i], counts[i]);
    }

    private PoolSeries SeriesOf(WorkerPool pool)
    {
        (string Id, string Name) key = (Words.Label(pool.Id), Words.Label(pool.Name));
        if (!_pools.TryGetValue(key, out PoolSeries? series))
        {
            series = new PoolSeries(
                AccountFamilies.PoolLabels.WithValues(key.Id, key.Name),
                [.. Statuses.Select(status => AccountFamilies.WorkerLabels.WithValues(key.Id, key.Name, status))]);
            _pools.Add(key, series);
        }
        return series;
    }

    private static void Write(MetricWriter writer, Usage usage)
    {
        writer.Write(AccountFamilies.PeriodStart, usage.BillingPeriodStart);
        writer.Write(AccountFamilies.PeriodEnd, usage.BillingPeriodEnd);
        writer.Write(AccountFamilies.UsedPrivate, usage.UsedPrivateMinutes * 60);
        writer.Write(AccountFamilies.UsedPublic, usage.UsedPublicMinutes * 60);
        writer.Write(AccountFamilies.UsedSeats, usage.UsedSeats);
    }

    private static void Write(MetricWriter writer, AccountMetrics metrics)
    {
        if (First(metrics.AvgStackSizeByResourceCount) is { } size) writer.Write(AccountFamilies.StackSize, size);
        if (First(metrics.AverageRunDuration) is { } average)
        {
            writer.Write(AccountFamilies.AverageRun, average);
            writer.Write(AccountFamilies.AverageRunSeconds, average / NanosecondsPerSecond);
        }
        if (First(metrics.MedianRunDuration) is { } median)
        {
            writer.Write(AccountFamilies.MedianRun, median);
            writer.Write(AccountFamilies.MedianRunSeconds, median / NanosecondsPerSecond);
        }
    }

    // A single figure comes as a list of one; of none in an account that has no data yet.
    private static double? First(IReadOnlyList<DataPoint>? points) => points is [{ Value: var value }, ..] ? value : null;

    private sealed record PoolSeries(LabelSet Labels, LabelSet[] Statuses);
}
