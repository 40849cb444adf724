using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>Everything that is asked about an account: one document each, so that one that fails leaves the others.</summary>
/// <param name="maxStackPages">The most pages of stacks that are read.</param>
/// <param name="maxDriftPages">The most pages of managed resources that are read.</param>
internal sealed class Account(long maxStackPages, long maxDriftPages)
{
    /// <summary>The pool that Spacelift itself runs.</summary>
    public AccountQuery<PublicPoolData> PublicPool { get; } = new(new Operation<PublicPoolData>("public_pool", ApiJson.Default.PublicPoolData));

    /// <summary>The account's own pools.</summary>
    public AccountQuery<WorkerPoolsData> WorkerPools { get; } = new(new Operation<WorkerPoolsData>("worker_pools", ApiJson.Default.WorkerPoolsData, AnswerLimits.Problem));

    /// <summary>The billing period.</summary>
    public AccountQuery<UsageData> Usage { get; } = new(new Operation<UsageData>("usage", ApiJson.Default.UsageData));

    /// <summary>Aggregates over the account.</summary>
    public AccountQuery<MetricsData> Metrics { get; } = new(new Operation<MetricsData>("metrics", ApiJson.Default.MetricsData, AnswerLimits.Problem));

    /// <summary>Every stack.</summary>
    public ListingQuery<StacksData, Stack, KnownStack> Stacks { get; } =
        new(new Operation<StacksData>("stacks", ApiJson.Default.StacksData, data => AnswerLimits.Problem(data.SearchStacks)), data => data.SearchStacks, () => new StackFold(), maxStackPages);

    /// <summary>Every managed resource.</summary>
    public ListingQuery<DriftData, Entity, EntityCount> Drift { get; } =
        new(new Operation<DriftData>("drift", ApiJson.Default.DriftData, data => AnswerLimits.Problem(data.SearchManagedEntities)), data => data.SearchManagedEntities, () => new EntityFold(), maxDriftPages);

    /// <summary>What is asked for a scrape.</summary>
    public IReadOnlyList<IAccountQuery> ForScrape => [PublicPool, WorkerPools, Usage, Metrics];
}
