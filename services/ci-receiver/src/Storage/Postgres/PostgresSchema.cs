using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>The tables, made and migrated by whichever replica comes first. A migration is added, never changed.</summary>
internal static class PostgresSchema
{
    /// <summary>The lock that replicas take for what must not happen at once: migrations, and series that are new.</summary>
    public const long LockNumber = 0x6369_7265_6376; // "circv"

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE receiver_keys (key bytea PRIMARY KEY, received bigint NOT NULL);
        CREATE INDEX receiver_keys_received ON receiver_keys (received);
        CREATE TABLE receiver_names (place bigserial, name text NOT NULL, original text NOT NULL, PRIMARY KEY (name, original));
        CREATE TABLE receiver_counters (name text, project text, status text, born bigint NOT NULL, count bigint NOT NULL, PRIMARY KEY (name, project, status))
            WITH (fillfactor = 70);
        CREATE TABLE receiver_durations (name text, status text, born bigint NOT NULL, sum double precision NOT NULL, PRIMARY KEY (name, status))
            WITH (fillfactor = 70);
        CREATE TABLE receiver_buckets (name text, status text, bound double precision, count bigint NOT NULL, PRIMARY KEY (name, status, bound))
            WITH (fillfactor = 70);
        CREATE TABLE receiver_state (name text PRIMARY KEY, value bigint NOT NULL);
        """,
    ];

    /// <summary>Brings the schema up to date.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="InvalidDataException">A newer version of the receiver has migrated it.</exception>
    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockNumber})", cancellation);
        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS receiver_schema (version int NOT NULL)", cancellation);
        await using NpgsqlCommand read = new("SELECT coalesce(max(version), 0) FROM receiver_schema", connection);
        int version = (int)(await read.ExecuteScalarAsync(cancellation))!;
        if (version > Migrations.Length)
            throw new InvalidDataException($"the database has the schema {version} of a newer receiver; this one knows {Migrations.Length}");
        for (; version < Migrations.Length; version++)
        {
            await ExecuteAsync(connection, Migrations[version], cancellation);
            await ExecuteAsync(connection, $"INSERT INTO receiver_schema (version) VALUES ({version + 1})", cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Runs a statement without parameters.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
