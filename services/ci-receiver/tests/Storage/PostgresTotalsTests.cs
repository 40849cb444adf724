using CiMetrics.Exposition;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Storage.Postgres;
using CiMetrics.Testing;
using Npgsql;

namespace CiMetrics.Receiver.Tests.Storage;

public sealed class PostgresTotalsTests
{
    [Test]
    public async Task A_read_that_fails_in_an_odd_way_fails_the_scrapes_that_waited_for_it_and_no_later_ones()
    {
        await using PostgresServer server = await PostgresServer.StartAsync();
        NpgsqlSlimDataSourceBuilder builder = new(PostgresAddress.Parse(server.Url, out _)!.ConnectionString);
        builder.EnableArrays();
        await using NpgsqlDataSource source = builder.Build();
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await PostgresSchema.MigrateAsync(connection, CancellationToken.None);
        await PostgresSchema.ExecuteAsync(connection, "ALTER TABLE receiver_counters ALTER count DROP NOT NULL; INSERT INTO receiver_counters VALUES ('a', 'p', 'success', 0, NULL)", CancellationToken.None);
        JobLedger ledger = new(new LedgerLimits(10, 10, 10, 10, TimeSpan.FromDays(1)), new BucketBounds(60));
        PostgresTotals totals = new(source, ledger, TimeProvider.System);

        // While one read waits for the lock, a second one waits for the first.
        Task<string?> first;
        Task<string?> second;
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await PostgresSchema.ExecuteAsync(connection, "LOCK TABLE receiver_counters", CancellationToken.None);
            first = totals.PrepareAsync(CancellationToken.None);
            second = totals.PrepareAsync(CancellationToken.None);
            await Task.Delay(200);
            await transaction.CommitAsync();
        }

        Assert.That(async () => await first, Throws.InstanceOf<InvalidCastException>());
        Assert.That(async () => await second, Throws.InstanceOf<InvalidCastException>());
        await PostgresSchema.ExecuteAsync(connection, "UPDATE receiver_counters SET count = 3", CancellationToken.None);
        Assert.That(await totals.PrepareAsync(CancellationToken.None), Is.Null);
        Assert.That(await Task.WhenAll(totals.PrepareAsync(CancellationToken.None), totals.PrepareAsync(CancellationToken.None)), Has.All.Null);
        Assert.That(totals.Figures().Counters, Is.EqualTo(1));
    }
}
