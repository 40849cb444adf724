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

    /// <summary>Nobody waits any longer: an answer that is still under way is late, and what was there before is not shown for it.</summary>
    void Forgo(TimeProvider time);

    /// <summary>Asks it and keeps what came.</summary>
    Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken);
}

/// <summary>A query without variables, and what it gave last.</summary>
internal sealed class AccountQuery<T>(Operation<T> operation) : IAccountQuery
    where T : class
{
    private long _askedAt;
    private volatile bool _isUnderWay;

    /// <summary>What it gave last.</summary>
    public Slot<T> Slot { get; } = new(operation.Name, keepsLastGood: false);

    /// <inheritdoc/>
    public ICollectorState State => Slot;

    /// <inheritdoc/>
    public bool HasValue => Slot.Value is not null;

    /// <inheritdoc/>
    public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        _askedAt = time.GetTimestamp();
        _isUnderWay = true;
        ApiResult<T> result = await api.QueryAsync(operation, variables: null, cancellationToken);
        _isUnderWay = false;
        Slot.Take(result, time.GetElapsedTime(_askedAt), time.GetUtcNow());
    }

    /// <inheritdoc/>
    public void Forgo(TimeProvider time)
    {
        if (_isUnderWay) Slot.Take(ApiResult<T>.Failed(ErrorKind.Timeout, "no answer in time"), time.GetElapsedTime(_askedAt), time.GetUtcNow());
    }
}
