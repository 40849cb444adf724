using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>The metrics of an account that are fetched for each scrape. Names and texts are those of the users' document.</summary>
internal static class AccountFamilies
{
    /// <summary>Labels of a worker pool.</summary>
    public static readonly LabelSchema PoolLabels = new("worker_pool_id", "worker_pool_name");

    public static readonly MetricFamily PublicPending = Gauge("spacelift_public_worker_pool_runs_pending", "The number of runs in your account currently queued and waiting for a public worker");
    public static readonly MetricFamily PublicBusy = Gauge("spacelift_public_worker_pool_workers_busy", "The number of currently busy workers in the public worker pool for this account");
    public static readonly MetricFamily PublicParallelism = Gauge("spacelift_public_worker_pool_parallelism", "The maximum number of simultaneously executing runs on the public worker pool for this account");

    public static readonly MetricFamily PoolPending = Pool("spacelift_worker_pool_runs_pending", "The number of runs currently queued and waiting for a worker from a particular pool");
    public static readonly MetricFamily PoolBusy = Pool("spacelift_worker_pool_workers_busy", "The number of currently busy workers in a worker pool");
    public static readonly MetricFamily PoolWorkers = Pool("spacelift_worker_pool_workers", "The number of workers in a worker pool");
    public static readonly MetricFamily PoolDrained = Pool("spacelift_worker_pool_workers_drained", "The number of workers in a worker pool that have been drained");

    /// <summary>Labels of the workers of a pool.</summary>
    public static readonly LabelSchema WorkerLabels = new("worker_pool_id", "worker_pool_name", "status");

    public static readonly MetricFamily PoolStatus = new("spacelift_worker_pool_workers_by_status", "The number of workers in a worker pool by status: idle, busy, draining (busy for the last time) or drained", MetricType.Gauge, WorkerLabels);

    public static readonly MetricFamily PeriodStart = Gauge("spacelift_current_billing_period_start_timestamp_seconds", "The timestamp of the start of the current billing period");
    public static readonly MetricFamily PeriodEnd = Gauge("spacelift_current_billing_period_end_timestamp_seconds", "The timestamp of the end of the current billing period");
    public static readonly MetricFamily UsedPrivate = Gauge("spacelift_current_billing_period_used_private_seconds", "The amount of private worker usage in the current billing period");
    public static readonly MetricFamily UsedPublic = Gauge("spacelift_current_billing_period_used_public_seconds", "The amount of public worker usage in the current billing period");
    public static readonly MetricFamily UsedSeats = Gauge("spacelift_current_billing_period_used_seats", "The number of seats used in the current billing period");

    public static readonly MetricFamily StackSize = Gauge("spacelift_current_avg_stack_size_by_resource_count", "The average stack size by resource count");
    public static readonly MetricFamily AverageRun = Gauge("spacelift_current_average_run_duration", "The average run duration");
    public static readonly MetricFamily AverageRunSeconds = Gauge("spacelift_current_average_run_duration_seconds", "The average run duration in seconds");
    public static readonly MetricFamily MedianRun = Gauge("spacelift_current_median_run_duration", "The median run duration");
    public static readonly MetricFamily MedianRunSeconds = Gauge("spacelift_current_median_run_duration_seconds", "The median run duration in seconds");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricFamily> All =
    [
        PublicPending, PublicBusy, PublicParallelism, PoolPending, PoolBusy, PoolWorkers, PoolDrained, PoolStatus, PeriodStart, PeriodEnd,
        UsedPrivate, UsedPublic, UsedSeats, StackSize, AverageRun, AverageRunSeconds, MedianRun, MedianRunSeconds,
    ];

    private static MetricFamily Gauge(string name, string help) => new(name, help, MetricType.Gauge);

    private static MetricFamily Pool(string name, string help) => new(name, help, MetricType.Gauge, PoolLabels);
}
