using CiMetrics.Receiver.Ledger;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>
/// The shared figures as the database has them: read once for all scrapes that wait, each of which sees what was stored
/// before it came.
/// </summary>
internal sealed class PostgresTotals(NpgsqlDataSource source, JobLedger totals)
{
    private readonly Lock _lock = new();
    private Task<string?> _running = Task.FromResult<string?>(null);
    private Task<string?>? _next;
    private volatile Keys _keys = new(0, 0);

    /// <summary>Reads them; null, or why that failed.</summary>
    public Task<string?> PrepareAsync(CancellationToken deadline)
    {
        lock (_lock)
        {
            if (_running.IsCompleted) return _running = ReadAsync();
            return _next ??= ReadAfterAsync(_running);
        }
    }

    /// <summary>How much there is.</summary>
    public LedgerFigures Figures()
    {
        Keys keys = _keys;
        return totals.Figures() with { Keys = (int)keys.Count, KeysForgottenTo = keys.ForgottenTo };
    }

    private async Task<string?> ReadAfterAsync(Task<string?> running)
    {
        await running;
        lock (_lock)
        {
            _running = _next!;
            _next = null;
        }

        return await ReadAsync();
    }

    private async Task<string?> ReadAsync()
    {
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync();
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            (LedgerImage image, long keys) = await PostgresImage.ReadAsync(connection, CancellationToken.None);
            totals.Refresh(image);
            _keys = new Keys(keys, image.ForgottenTo);
            return null;
        }
        catch (Exception exception) when (PostgresStore.IsOfDatabase(exception))
        {
            return "the database does not answer";
        }
    }

    private sealed record Keys(long Count, long ForgottenTo);
}
