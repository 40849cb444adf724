using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>One transaction: the keys of some requests, and what those events add that no replica has counted.</summary>
/// <param name="source">The database.</param>
/// <param name="requests">The requests; what is decided about them is kept there.</param>
/// <param name="known">What is known of the series, to keep within the limits. Nobody else uses it meanwhile.</param>
/// <param name="time">The clock.</param>
internal sealed class PostgresTransaction(NpgsqlDataSource source, IReadOnlyList<PendingRequest> requests, JobLedger known, TimeProvider time)
{
    /// <summary>Stores them, all or none; true.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await WriteAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        HashSet<EventKey> added = await PostgresBatch.AddKeysAsync(connection, requests.SelectMany(request => request.Events).Select(job => job.Key).OfType<EventKey>(), now, cancellation);
        Decide(added);
        if (known.BringsNew)
        {
            // One replica at a time brings new series, knowing all that others have brought: so limits hold for all together.
            await PostgresImage.LearnAsync(connection, known, cancellation);
            Decide(added);
        }

        List<CountedEvent> counted = [.. requests.SelectMany(request => request.Counted)];
        await PostgresBatch.AddNamesAsync(
            connection, [.. counted.Select(one => (one.Name, one.Original)).Distinct().Where(name => !known.IsKnown(name.Name, name.Original))], cancellation);
        await PostgresBatch.AddAsync(connection, counted, [], known.Bounds, now, cancellation);
    }

    private void Decide(HashSet<EventKey> added)
    {
        known.BeginBatch();
        foreach (PendingRequest request in requests)
            request.Decide(job => job.Key is { } key && !added.Contains(key) ? Decision.Duplicate : known.Decide(job));
    }
}
