using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>
/// A database that any number of replicas share. Requests queue up for one writer, which stores all that wait in one
/// transaction: the keys, and what those events add that no replica has counted.
/// </summary>
/// <param name="source">The database.</param>
/// <param name="known">What is known of the series, to keep within the limits. Only the writer uses it.</param>
/// <param name="declared">Series that are there at 0 before their first event.</param>
/// <param name="tally">How the store does.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PostgresStore(
    NpgsqlDataSource source, JobLedger known, IReadOnlyList<(SeriesKey Key, string Original)> declared, StoreTally tally, TimeProvider time, ILogger logger) : IEventStore
{
    private const string NoAnswer = "the database does not answer";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly RequestQueue _queue = new();
    private readonly List<PendingRequest> _batch = [];

    /// <inheritdoc/>
    public Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received) =>
        tally.IsUp ? _queue.AddAsync(events, received) : Task.FromResult(StoreResult.Unavailable(NoAnswer, RequestQueue.RetryAfterSeconds));

    /// <summary>Writes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                if (!tally.IsUp) await ConnectAsync(stopping);
                await _queue.WaitAsync(stopping);
                await WriteBatchAsync(stopping);
            }
        }
        finally
        {
            _queue.Close("the receiver stops");
        }
    }

    /// <summary>Whether a failure is the database's.</summary>
    internal static bool IsOfDatabase(Exception exception) => exception is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    private async Task ConnectAsync(CancellationToken stopping)
    {
        string? said = null;
        while (true)
        {
            _queue.Refuse(NoAnswer);
            try
            {
                await using NpgsqlConnection connection = await source.OpenConnectionAsync(stopping);
                await PrepareAsync(connection, stopping);
                tally.Recovered();
                LogConnected(connection.Host, connection.Database);
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

    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await PostgresSchema.MigrateAsync(connection, stopping);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stopping);
        await LearnAsync(connection, stopping);
        List<(SeriesKey Key, string Original)> added = [.. declared.Where(series => !known.IsDeclared(series.Key))];
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await PostgresBatch.AddNamesAsync(connection, [.. added.Select(series => (series.Key.Name, series.Original)).Distinct()], stopping);
        await PostgresBatch.AddAsync(connection, [], [.. added.Select(series => series.Key)], known.Bounds, now, stopping);
        await transaction.CommitAsync(stopping);
        foreach ((SeriesKey key, string original) in added) known.Declare(key, original, now);
    }

    private async Task WriteBatchAsync(CancellationToken stopping)
    {
        _batch.Clear();
        while (_queue.TryTake(_batch, out _))
        {
        }

        long start = time.GetTimestamp();
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(stopping);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stopping);
            await WriteAsync(connection, stopping);
            await transaction.CommitAsync(stopping);
        }
        catch (Exception exception)
        {
            // Whatever it was, nobody is told that anything was stored. Where the answer to a commit was lost, the key tells.
            foreach (PendingRequest request in _batch) request.Refuse(NoAnswer);
            if (!IsOfDatabase(exception)) throw;
            LogFailed(exception.Message);
            tally.Failed(exception.Message);
            source.Clear();
            return;
        }

        tally.Committed(time.GetElapsedTime(start));
        foreach (PendingRequest request in _batch)
        {
            foreach (CountedEvent counted in request.Counted) known.Declare(new SeriesKey(counted.Name, counted.Project, counted.Status), counted.Original, request.Time);
            request.Complete();
        }
    }

    private async Task WriteAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        HashSet<EventKey> added = await PostgresBatch.AddKeysAsync(connection, _batch.SelectMany(request => request.Events).Select(job => job.Key).OfType<EventKey>(), now, stopping);
        Decide(added);
        if (known.BringsNew)
        {
            // One replica at a time brings new series, knowing all that others have brought: so limits hold for all together.
            await LearnAsync(connection, stopping);
            Decide(added);
        }

        List<CountedEvent> counted = [.. _batch.SelectMany(request => request.Counted)];
        await PostgresBatch.AddNamesAsync(
            connection, [.. counted.Select(one => (one.Name, one.Original)).Distinct().Where(name => !known.IsKnown(name.Name, name.Original))], stopping);
        await PostgresBatch.AddAsync(connection, counted, [], known.Bounds, now, stopping);
    }

    private void Decide(HashSet<EventKey> added)
    {
        known.BeginBatch();
        foreach (PendingRequest request in _batch)
            request.Decide(job => job.Key is { } key && !added.Contains(key) ? Decision.Duplicate : known.Decide(job));
    }

    private async Task LearnAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await PostgresSchema.ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({PostgresSchema.LockNumber})", stopping);
        (LedgerImage image, _) = await PostgresImage.ReadAsync(connection, stopping);
        known.Refresh(image);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stores events in the database")]
    private partial void LogConnected(string? host, string database);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be used; senders are told to try again")]
    private partial void LogNotConnected(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events could not be stored; senders are told to try again")]
    private partial void LogFailed(string reason);
}
