using CiMetrics.Receiver.Ledger;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>Reads the whole ledger, without keys, as one moment of the database has it.</summary>
internal static class PostgresImage
{
    private const string Query = """
        SELECT name, original FROM receiver_names ORDER BY place;
        SELECT name, project, status, born, count FROM receiver_counters ORDER BY born, name, project, status;
        SELECT DISTINCT bound FROM receiver_buckets WHERE bound < 'Infinity' ORDER BY bound;
        SELECT d.name, d.status, d.born, d.sum, array_agg(b.bound) FILTER (WHERE b.bound IS NOT NULL), array_agg(b.count) FILTER (WHERE b.bound IS NOT NULL)
            FROM receiver_durations d LEFT JOIN receiver_buckets b USING (name, status) GROUP BY d.name, d.status ORDER BY d.born, d.name, d.status;
        SELECT coalesce(max(value) FILTER (WHERE name = 'keys'), 0), coalesce(max(value) FILTER (WHERE name = 'forgotten_to'), 0) FROM receiver_state
        """;

    /// <summary>
    /// Makes a ledger know what is there, within a transaction: until its end no other replica brings new series.
    /// </summary>
    public static async Task LearnAsync(NpgsqlConnection connection, JobLedger known, CancellationToken cancellation)
    {
        await PostgresSchema.ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({PostgresSchema.LockNumber})", cancellation);
        (LedgerImage image, _) = await ReadAsync(connection, cancellation);
        known.Refresh(image);
    }

    /// <summary>Reads it within a transaction, or in one of its own.</summary>
    public static async Task<(LedgerImage Image, long Keys)> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = new(Query, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<NameImage> names = [];
        Dictionary<string, List<string>> others = new(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            (string name, string original) = (reader.GetString(0), reader.GetString(1));
            if (others.TryGetValue(name, out List<string>? more)) more.Add(original);
            else names.Add(new NameImage(name, original, others[name] = []));
        }

        await reader.NextResultAsync(cancellation);
        List<CounterImage> counters = [];
        while (await reader.ReadAsync(cancellation))
            counters.Add(new CounterImage(new SeriesKey(reader.GetString(0), reader.GetString(1), reader.GetString(2)), reader.GetInt64(3), reader.GetInt64(4)));

        await reader.NextResultAsync(cancellation);
        List<double> bounds = [];
        while (await reader.ReadAsync(cancellation)) bounds.Add(reader.GetDouble(0));

        await reader.NextResultAsync(cancellation);
        List<DurationImage> durations = [];
        while (await reader.ReadAsync(cancellation))
        {
            long[] counts = new long[bounds.Count + 1];
            if (!await reader.IsDBNullAsync(4, cancellation))
            {
                foreach ((double bound, long count) in (await reader.GetFieldValueAsync<double[]>(4, cancellation)).Zip(await reader.GetFieldValueAsync<long[]>(5, cancellation)))
                    counts[double.IsFinite(bound) ? bounds.IndexOf(bound) : ^1] += count;
            }

            durations.Add(new DurationImage(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), counts, reader.GetDouble(3)));
        }

        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (new LedgerImage(bounds, names, counters, durations, [], reader.GetInt64(1)), reader.GetInt64(0));
    }
}
