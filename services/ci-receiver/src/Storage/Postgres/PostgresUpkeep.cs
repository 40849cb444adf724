using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>Forgets keys that are old, or too many. Replicas take turns.</summary>
internal sealed partial class PostgresUpkeep(NpgsqlDataSource source, LedgerLimits limits, StoreTally tally, TimeProvider time, ILogger logger)
{
    private const long LockNumber = PostgresSchema.LockNumber + 1;
    private const int Portion = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Many keys may be old at a time, as when the retention was made shorter.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private const string DeleteOldest = """
        WITH gone AS (DELETE FROM receiver_keys WHERE key IN (SELECT key FROM receiver_keys WHERE received < $1 ORDER BY received LIMIT $2) RETURNING received)
        SELECT count(*), coalesce(max(received), 0) FROM gone
        """;

    private const string SetState = """
        INSERT INTO receiver_state AS s (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = CASE WHEN $3 THEN greatest(s.value, excluded.value) ELSE excluded.value END
        """;

    /// <summary>Works until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            if (!tally.IsUp) continue;
            try
            {
                await PostgresDeadline.RunAsync(ForgetAsync, Longest, time, stopping);
            }
            catch (Exception exception) when (PostgresFailure.IsOfDatabase(exception))
            {
                LogFailed(exception.Message);
            }
        }
    }

    private async Task<bool> ForgetAsync(CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
        await ForgetAsync(connection, cancellation);
        return true;
    }

    /// <summary>Forgets once.</summary>
    internal async Task ForgetAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stopping);
        await using NpgsqlCommand tryLock = new($"SELECT pg_try_advisory_xact_lock({LockNumber})", connection);
        if (await tryLock.ExecuteScalarAsync(stopping) is not true) return;

        long old = (time.GetUtcNow() - limits.KeyRetention).ToUnixTimeMilliseconds();
        while (await DeleteAsync(connection, old, Portion, stopping) is { Count: Portion })
        {
        }

        await using NpgsqlCommand count = new("SELECT count(*) FROM receiver_keys", connection);
        long keys = (long)(await count.ExecuteScalarAsync(stopping))!;
        while (keys > limits.Keys)
        {
            (int gone, long newest) = await DeleteAsync(connection, long.MaxValue, (int)Math.Min(Portion, keys - limits.Keys), stopping);
            keys -= gone;
            await SetAsync(connection, "forgotten_to", newest, rising: true, stopping);
            if (gone == 0) break;
        }

        await SetAsync(connection, "keys", keys, rising: false, stopping);
        await transaction.CommitAsync(stopping);
    }

    private static async Task<(int Count, long Newest)> DeleteAsync(NpgsqlConnection connection, long before, int most, CancellationToken stopping)
    {
        await using NpgsqlCommand command = new(DeleteOldest, connection) { Parameters = { new() { Value = before }, new() { Value = most } } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stopping);
        await reader.ReadAsync(stopping);
        return ((int)reader.GetInt64(0), reader.GetInt64(1));
    }

    private static async Task SetAsync(NpgsqlConnection connection, string name, long value, bool rising, CancellationToken stopping)
    {
        await using NpgsqlCommand command = new(SetState, connection) { Parameters = { new() { Value = name }, new() { Value = value }, new() { Value = rising } } };
        await command.ExecuteNonQueryAsync(stopping);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old keys could not be removed; that is tried again")]
    private partial void LogFailed(string reason);
}
