using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage;

/// <summary>Keeps events so that each is counted once, through crashes and repetitions.</summary>
internal interface IEventStore
{
    /// <summary>Stores the events of one request, all or none. When the task ends, they are durable or they are not there.</summary>
    /// <param name="events">The events, in their order.</param>
    /// <param name="received">When the request came.</param>
    Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received);
}

/// <summary>What became of a request's events.</summary>
/// <param name="Decisions">One for each event; null: nothing was stored.</param>
/// <param name="Refusal">Why nothing was stored, and when to try again.</param>
internal sealed record StoreResult(IReadOnlyList<Decision>? Decisions, Refusal? Refusal)
{
    /// <summary>All is durable.</summary>
    public static StoreResult Stored(IReadOnlyList<Decision> decisions) => new(decisions, null);

    /// <summary>The store cannot take it now.</summary>
    public static StoreResult Unavailable(string why, int retryAfterSeconds) =>
        new(null, new Refusal(503, $"nothing was counted: {why}; try again") { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>The store is well and cannot take it, now or later.</summary>
    public static StoreResult Impossible(string why) => new(null, new Refusal(400, $"nothing was counted: {why}"));

    /// <summary>There is too much at a time.</summary>
    public static readonly StoreResult Busy =
        new(null, new Refusal(429, "nothing was counted: too many requests are waiting to be stored; try again") { RetryAfterSeconds = 1 });
}
