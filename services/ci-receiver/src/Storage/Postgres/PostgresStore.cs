using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;
using Npgsql;
using static CiMetrics.Receiver.Storage.Postgres.PostgresFailure;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>
/// A database that any number of replicas share. Requests queue up for one writer, which stores all that wait in one
/// transaction.
/// </summary>
/// <param name="source">The database.</param>
/// <param name="empty">Makes a ledger that knows nothing yet.</param>
/// <param name="declared">Series that are there at 0 before their first event.</param>
/// <param name="tally">How the store does.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PostgresStore(
    NpgsqlDataSource source, Func<JobLedger> empty, IReadOnlyList<(SeriesKey Key, string Original)> declared, StoreTally tally, TimeProvider time, ILogger logger) : IEventStore
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(5);

    // A migration may have more to do.
    private static readonly TimeSpan LongestPreparation = TimeSpan.FromSeconds(15);

    private readonly RequestQueue _queue = new();
    private readonly PostgresPreparation _preparation = new(source, declared, time);

    // What is known of the series, to keep within the limits. Only the writer uses it.
    private JobLedger _known = empty();

    /// <inheritdoc/>
    public Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received)
    {
        if (!tally.IsUp) return Task.FromResult(StoreResult.Unavailable(NoAnswer, RequestQueue.RetryAfterSeconds));
        Task<StoreResult> result = _queue.AddAsync(events, received);
        // It went down in between: the writer may be trying to connect, and take nothing until that ends.
        if (!tally.IsUp) _queue.Refuse(NoAnswer);
        return result;
    }

    /// <summary>Writes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                if (!tally.IsUp) await ConnectAsync(stopping);
                // While nobody sends anything, readiness would not show that the database is gone.
                await (await _queue.WaitAsync(Idle, time, stopping) ? WriteBatchAsync(stopping) : ProbeAsync(stopping));
            }
        }
        finally
        {
            _queue.Close("the receiver stops");
        }
    }

    private async Task ConnectAsync(CancellationToken stopping)
    {
        string? said = null;
        while (true)
        {
            _queue.Refuse(NoAnswer);
            try
            {
                _known = await PostgresDeadline.RunAsync(cancellation => _preparation.RunAsync(empty(), cancellation), LongestPreparation, time, stopping);
                tally.Recovered();
                LogConnected();
                return;
            }
            catch (Exception exception) when (IsOfDatabase(exception) || exception is InvalidDataException)
            {
                if (said != exception.Message) LogNotConnected(said = exception.Message);
                source.Clear();
            }

            await Task.Delay(Pause, time, stopping);
        }
    }

    private async Task WriteBatchAsync(CancellationToken stopping)
    {
        List<PendingRequest> batch = [];
        while (_queue.TryTake(batch, out _))
        {
        }

        try
        {
            if (await WriteAsync(batch, stopping) is not { } refused) return;
            if (batch is [var only])
            {
                Reject(only, refused);
                return;
            }

            // The data of one request must not keep the others from being stored: each alone shows which it is.
            foreach (PendingRequest request in batch)
            {
                if (!tally.IsUp) return;
                if (await WriteAsync([request], stopping) is { } culprit) Reject(request, culprit);
            }
        }
        finally
        {
            // Whoever has no answer yet: whatever it was, nobody is told that anything was stored. Where the answer to a
            // commit was lost, the key tells.
            foreach (PendingRequest request in batch) request.Refuse(NoAnswer);
        }
    }

    /// <summary>Stores requests and answers them; null also where the database is lost. Else why it refuses the data.</summary>
    private async Task<PostgresException?> WriteAsync(IReadOnlyList<PendingRequest> requests, CancellationToken stopping)
    {
        long start = time.GetTimestamp();
        try
        {
            await PostgresDeadline.RunAsync(new PostgresTransaction(source, requests, _known, time).RunAsync, LongestTransaction, time, stopping);
        }
        catch (PostgresException exception) when (IsOfData(exception))
        {
            return exception;
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            LogFailed(exception.Message);
            tally.Failed(exception.Message);
            source.Clear();
            return null;
        }

        tally.Committed(time.GetElapsedTime(start));
        foreach (PendingRequest request in requests)
        {
            foreach (CountedEvent counted in request.Counted) _known.Declare(new SeriesKey(counted.Name, counted.Project, counted.Status), counted.Original, request.Time);
            request.Complete();
        }

        return null;
    }

    private async Task ProbeAsync(CancellationToken stopping)
    {
        try
        {
            await PostgresDeadline.RunAsync(_preparation.AskAsync, LongestTransaction, time, stopping);
        }
        catch (Exception exception) when (IsOfDatabase(exception))
        {
            LogNotConnected(exception.Message);
            tally.Hinder(exception.Message);
            source.Clear();
        }
    }

    private void Reject(PendingRequest request, PostgresException reason)
    {
        LogRefused(reason.SqlState, reason.MessageText);
        request.Reject($"the database cannot store it: {Shown.Short(reason.MessageText)} (SQLSTATE {reason.SqlState})");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stores events in the database")]
    private partial void LogConnected();

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be used; senders are told to try again")]
    private partial void LogNotConnected(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events could not be stored; senders are told to try again")]
    private partial void LogFailed(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database refuses the data of a request; its sender is told so")]
    private partial void LogRefused(string state, string reason);
}
