using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>A query that is asked for a scrape.</summary>
internal interface IAccountQuery
{
    /// <summary>How it does.</summary>
    ICollectorState State { get; }

    /// <summary>Whether the last time gave a value, or a part of one.</summary>
    bool HasValue { get; }

    /// <summary>An answer that is still under way does not count any more, and what was there before is not shown for it.</summary>
    void Forgo(ApiError why, TimeProvider time);

    /// <summary>Asks it and keeps what came.</summary>
    Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken);
}

/// <summary>A query without variables, and what it gave last.</summary>
internal sealed class AccountQuery<T>(Operation<T> operation) : IAccountQuery
    where T : class
{
    private int _attempts;
    private Attempt? _underWay;

    /// <summary>What it gave last.</summary>
    public Slot<T> Slot { get; } = new(operation.Name, keepsLastGood: false);

    /// <inheritdoc/>
    public ICollectorState State => Slot;

    /// <inheritdoc/>
    public bool HasValue => Slot.Value is not null;

    /// <inheritdoc/>
    public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        Attempt attempt = new(Interlocked.Increment(ref _attempts), time.GetTimestamp());
        Volatile.Write(ref _underWay, attempt);
        Take(attempt, await api.QueryAsync(operation, variables: null, cancellationToken), time);
    }

    /// <inheritdoc/>
    public void Forgo(ApiError why, TimeProvider time)
    {
        if (Volatile.Read(ref _underWay) is { } attempt) Take(attempt, new ApiResult<T>(null, why), time);
    }

    // What comes after it was forgone, or after another attempt began, is from another time than what is shown beside it.
    private void Take(Attempt attempt, ApiResult<T> result, TimeProvider time)
    {
        if (Interlocked.CompareExchange(ref _underWay, null, attempt) == attempt)
            Slot.Take(result, time.GetElapsedTime(attempt.AskedAt), time.GetUtcNow());
    }

    private sealed record Attempt(int Number, long AskedAt);
}
