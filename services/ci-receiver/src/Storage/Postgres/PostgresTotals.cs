using CiMetrics.Receiver.Ledger;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>
/// The shared figures as the database has them: read once for all scrapes that wait, each of which sees what was stored
/// before it came.
/// </summary>
internal sealed class PostgresTotals(NpgsqlDataSource source, JobLedger totals, TimeProvider time)
{
    // A little less than Prometheus waits unless told otherwise: its scrape should end with an answer.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private Task<string?> _running = Task.FromResult<string?>(null);
    private Task<string?>? _next;
    private volatile Keys _keys = new(0, 0);
    private volatile bool _reading;

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
        // How that one ends is told to those who wait for it. Never at once: the caller has yet to say which is the next.
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            _running = _next!;
            _next = null;
        }

        return await ReadAsync();
    }

    private async Task<string?> ReadAsync()
    {
        // One that was left behind at its deadline still has a connection: they must not pile up.
        if (_reading) return PostgresFailure.NoAnswer;
        try
        {
            (LedgerImage image, long keys) = await PostgresDeadline.RunAsync(ReadImageAsync, Longest, time, CancellationToken.None);
            // Here and not with the reading: what comes after its deadline may be older than what another has read.
            totals.Refresh(image);
            _keys = new Keys(keys, image.ForgottenTo);
            return null;
        }
        catch (Exception exception) when (PostgresFailure.IsOfDatabase(exception))
        {
            return PostgresFailure.NoAnswer;
        }
    }

    private async Task<(LedgerImage Image, long Keys)> ReadImageAsync(CancellationToken cancellation)
    {
        _reading = true;
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellation);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
            return await PostgresImage.ReadAsync(connection, cancellation);
        }
        finally
        {
            _reading = false;
        }
    }

    private sealed record Keys(long Count, long ForgottenTo);
}
