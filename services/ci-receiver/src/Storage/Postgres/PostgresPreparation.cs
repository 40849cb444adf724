using CiMetrics.Receiver.Ledger;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>What comes before the first event: the database is one that can be used, its tables are there, and so are the series of the catalog.</summary>
/// <param name="source">The database.</param>
/// <param name="declared">Series that are there at 0 before their first event.</param>
/// <param name="time">The clock.</param>
internal sealed class PostgresPreparation(NpgsqlDataSource source, IReadOnlyList<(SeriesKey Key, string Original)> declared, TimeProvider time)
{
    /// <summary>Prepares it, and gives what it knows of the series.</summary>
    /// <param name="known">Knows nothing yet.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="InvalidDataException">It is not one that this receiver can use.</exception>
    public async Task<JobLedger> RunAsync(JobLedger known, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
        await CheckEncodingAsync(connection, cancellation);
        await PostgresSchema.MigrateAsync(connection, cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await PostgresImage.LearnAsync(connection, known, cancellation);
        List<(SeriesKey Key, string Original)> added = [.. declared.Where(series => !known.IsDeclared(series.Key))];
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await PostgresBatch.AddNamesAsync(connection, [.. added.Select(series => (series.Key.Name, series.Original)).Distinct()], cancellation);
        await PostgresBatch.AddAsync(connection, [], [.. added.Select(series => series.Key)], known.Bounds, now, cancellation);
        await transaction.CommitAsync(cancellation);
        foreach ((SeriesKey key, string original) in added) known.Declare(key, original, now);
        return known;
    }

    /// <summary>Ends when the database has answered; true.</summary>
    public async Task<bool> AskAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
        await PostgresSchema.ExecuteAsync(connection, "SELECT 1", cancellation);
        return true;
    }

    // Names and projects are any Unicode text: another encoding would refuse some, or (SQL_ASCII) take anything.
    private static async Task CheckEncodingAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new("SHOW server_encoding", connection);
        if (await command.ExecuteScalarAsync(cancellation) is string encoding and not "UTF8")
            throw new InvalidDataException($"the encoding of the database {connection.Database} is {encoding}; it must be UTF8 (CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0)");
    }
}
