using System.Threading.Channels;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage;

/// <summary>The requests that wait for the one writer of a store, as many as are bounded.</summary>
internal sealed class RequestQueue
{
    /// <summary>After how many seconds a sender should try again when the store cannot take anything.</summary>
    public const int RetryAfterSeconds = 2;

    private const int MostWaiting = 4096;
    private const int MostInBatch = 1024;
    private const int MostEventsInBatch = 20_000;

    private readonly Channel<PendingRequest> _channel = Channel.CreateBounded<PendingRequest>(MostWaiting);

    // Only the one writer takes.
    private int _eventsInBatch;

    /// <summary>Queues a request; its result comes with the task.</summary>
    public Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received)
    {
        PendingRequest request = new(events, received.ToUnixTimeMilliseconds());
        return _channel.Writer.TryWrite(request) ? request.Result : Task.FromResult(StoreResult.Busy);
    }

    /// <summary>Ends when a request waits.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await _channel.Reader.WaitToReadAsync(cancellation);

    /// <summary>Ends when a request waits, or after a time: false.</summary>
    public async Task<bool> WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation)
    {
        if (_channel.Reader.TryPeek(out _)) return true;
        using CancellationTokenSource timeout = new(most, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            return await _channel.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes the next request; false when none waits or the batch is large enough.</summary>
    public bool TryTake(List<PendingRequest> batch, out PendingRequest request)
    {
        request = null!;
        if (batch.Count == 0) _eventsInBatch = 0;
        if (batch.Count == MostInBatch || _eventsInBatch >= MostEventsInBatch || !_channel.Reader.TryRead(out PendingRequest? next)) return false;
        batch.Add(request = next);
        _eventsInBatch += next.Events.Count;
        return true;
    }

    /// <summary>Takes no more, and answers those that wait.</summary>
    public void Close(string why)
    {
        _channel.Writer.TryComplete();
        while (_channel.Reader.TryRead(out PendingRequest? late)) late.Refuse(why);
    }

    /// <summary>Answers those that wait: nothing was stored.</summary>
    public void Refuse(string why)
    {
        while (_channel.Reader.TryRead(out PendingRequest? waiting)) waiting.Refuse(why);
    }
}

/// <summary>A request on its way through a store.</summary>
internal sealed class PendingRequest(IReadOnlyList<JobEvent> events, long time)
{
    private readonly TaskCompletionSource<StoreResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<JobEvent> Events => events;

    /// <summary>When it came, milliseconds since 1970.</summary>
    public long Time => time;

    /// <summary>What was decided about each event.</summary>
    public Decision[] Decisions { get; private set; } = [];

    /// <summary>What it adds, once that is decided.</summary>
    public CountedEvent[] Counted { get; private set; } = [];

    public Task<StoreResult> Result => _result.Task;

    /// <summary>Decides about each event, in order.</summary>
    public void Decide(Func<JobEvent, Decision> decide)
    {
        Decisions = [.. events.Select(decide)];
        Counted = [.. Decisions.Select(decision => decision.Event).OfType<CountedEvent>()];
    }

    /// <summary>Answers that all is durable.</summary>
    public void Complete() => _result.TrySetResult(StoreResult.Stored(Decisions));

    /// <summary>Answers that nothing was stored, and that sending it again does not help.</summary>
    public void Reject(string why) => _result.TrySetResult(StoreResult.Impossible(why));

    /// <summary>Answers that nothing was stored.</summary>
    public void Refuse(string why) => _result.TrySetResult(StoreResult.Unavailable(why, RequestQueue.RetryAfterSeconds));
}
