using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Storage;
using CiMetrics.Receiver.Storage.Postgres;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CiMetrics.Receiver.Tests.Storage;

public sealed class PostgresUpkeepTests
{
    [Test]
    public async Task Old_keys_go_and_above_the_limit_the_oldest_which_shows_in_the_horizon()
    {
        await using PostgresServer server = await PostgresServer.StartAsync();
        NpgsqlSlimDataSourceBuilder builder = new(PostgresAddress.Parse(server.Url, out _)!.ConnectionString);
        builder.EnableArrays();
        await using NpgsqlDataSource source = builder.Build();
        await using NpgsqlConnection connection = await source.OpenConnectionAsync();
        await PostgresSchema.MigrateAsync(connection, CancellationToken.None);
        await PostgresSchema.MigrateAsync(connection, CancellationToken.None);

        ManualTime time = new();
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (int i = 0; i < 50; i++) await PostgresBatch.AddKeysAsync(connection, [EventKey.Of($"{i}")], now - (i * 60_000), CancellationToken.None);
        Assert.That(await PostgresBatch.AddKeysAsync(connection, [EventKey.Of("7"), EventKey.Of("new"), EventKey.Of("new")], now, CancellationToken.None), Is.EqualTo(new[] { EventKey.Of("new") }));

        // 31 of the last half hour and the new one; 20 may stay.
        LedgerLimits limits = new(10, 10, 10, Keys: 20, TimeSpan.FromMinutes(30));
        MetricFactory metrics = Exposition.Metrics.WithCustomRegistry(new CollectorRegistry());
        StoreTally tally = new(metrics.CreateHistogram("h", "H.", [1]), metrics.CreateCounter("c_total", "C."), _ => { });
        await new PostgresUpkeep(source, limits, tally, time, NullLogger.Instance).ForgetAsync(connection, CancellationToken.None);

        (LedgerImage image, long keys) = await PostgresImage.ReadAsync(connection, CancellationToken.None);
        Assert.That(keys, Is.EqualTo(20));
        Assert.That(await server.QueryAsync("SELECT count(*), min(received) FROM receiver_keys"), Is.EqualTo($"20|{now - (18 * 60_000)}"));
        Assert.That(image.ForgottenTo, Is.EqualTo(now - (19 * 60_000)));
    }
}
