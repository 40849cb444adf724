using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>
/// The statements of one batch. Rows are touched in the order of their keys, in every replica: so none waits for one
/// that waits for it.
/// </summary>
internal static class PostgresBatch
{
    private const string Keys = """
        INSERT INTO receiver_keys (key, received) SELECT k, $2 FROM unnest($1) AS k ORDER BY k ON CONFLICT DO NOTHING RETURNING key
        """;

    private const string Names = """
        INSERT INTO receiver_names (name, original) SELECT n, o FROM unnest($1, $2) AS t (n, o) ORDER BY n, o ON CONFLICT DO NOTHING
        """;

    private const string Counters = """
        INSERT INTO receiver_counters AS c (name, project, status, born, count)
        SELECT n, p, s, $5, d FROM unnest($1, $2, $3, $4) AS t (n, p, s, d) ORDER BY n, p, s
        ON CONFLICT (name, project, status) DO UPDATE SET count = c.count + excluded.count
        """;

    private const string Durations = """
        INSERT INTO receiver_durations AS c (name, status, born, sum)
        SELECT n, s, $4, d FROM unnest($1, $2, $3) AS t (n, s, d) ORDER BY n, s
        ON CONFLICT (name, status) DO UPDATE SET sum = c.sum + excluded.sum
        """;

    private const string Buckets = """
        INSERT INTO receiver_buckets AS c (name, status, bound, count)
        SELECT n, s, b, d FROM unnest($1, $2, $3, $4) AS t (n, s, b, d) ORDER BY n, s, b
        ON CONFLICT (name, status, bound) DO UPDATE SET count = c.count + excluded.count
        """;

    /// <summary>Remembers keys; gives those that were not there. Waits for other replicas that just write the same ones.</summary>
    public static async Task<HashSet<EventKey>> AddKeysAsync(NpgsqlConnection connection, IEnumerable<EventKey> keys, long time, CancellationToken cancellation)
    {
        byte[][] bytes = [.. keys.Distinct().Select(Bytes)];
        HashSet<EventKey> added = [];
        if (bytes.Length == 0) return added;
        await using NpgsqlCommand command = new(Keys, connection) { Parameters = { Array(NpgsqlDbType.Bytea, bytes), new() { Value = time } } };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) added.Add(EventKey.Read(await reader.GetFieldValueAsync<byte[]>(0, cancellation)));
        return added;
    }

    /// <summary>Adds events, and declares counters and their histograms.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyList<CountedEvent> events, IReadOnlyList<SeriesKey> declared, BucketBounds bounds, long time, CancellationToken cancellation)
    {
        Dictionary<SeriesKey, long> counters = declared.Distinct().ToDictionary(key => key, _ => 0L);
        Dictionary<(string, string), double> sums = declared.Select(key => (key.Name, key.Status)).Distinct().ToDictionary(key => key, _ => 0.0);
        Dictionary<(string Name, string Status, double Bound), long> buckets = [];
        foreach (CountedEvent counted in events)
        {
            SeriesKey key = new(counted.Name, counted.Project, counted.Status);
            counters[key] = counters.GetValueOrDefault(key) + 1;
            if (counted.Seconds is not { } seconds) continue;
            sums[(key.Name, key.Status)] = sums.GetValueOrDefault((key.Name, key.Status)) + seconds;
            int index = bounds.IndexOf(seconds);
            (string, string, double) bucket = (key.Name, key.Status, index < bounds.Values.Count ? bounds.Values[index] : double.PositiveInfinity);
            buckets[bucket] = buckets.GetValueOrDefault(bucket) + 1;
        }

        await using NpgsqlBatch batch = new(connection);
        Add(batch, Counters, counters.Count, Texts(counters.Keys.Select(key => key.Name)), Texts(counters.Keys.Select(key => key.Project)), Texts(counters.Keys.Select(key => key.Status)), Array(NpgsqlDbType.Bigint, counters.Values.ToArray()), new() { Value = time });
        Add(batch, Durations, sums.Count, Texts(sums.Keys.Select(key => key.Item1)), Texts(sums.Keys.Select(key => key.Item2)), Array(NpgsqlDbType.Double, sums.Values.ToArray()), new() { Value = time });
        Add(batch, Buckets, buckets.Count, Texts(buckets.Keys.Select(key => key.Name)), Texts(buckets.Keys.Select(key => key.Status)), Array(NpgsqlDbType.Double, buckets.Keys.Select(key => key.Bound).ToArray()), Array(NpgsqlDbType.Bigint, buckets.Values.ToArray()));
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds names.</summary>
    public static async Task AddNamesAsync(NpgsqlConnection connection, IReadOnlyCollection<(string Name, string Original)> names, CancellationToken cancellation)
    {
        if (names.Count == 0) return;
        await using NpgsqlCommand command = new(Names, connection) { Parameters = { Texts(names.Select(name => name.Name)), Texts(names.Select(name => name.Original)) } };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add(NpgsqlBatch batch, string sql, int rows, params NpgsqlParameter[] parameters)
    {
        if (rows == 0) return;
        NpgsqlBatchCommand command = new(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<string[]> Texts(IEnumerable<string> values) => Array(NpgsqlDbType.Text, values.ToArray());

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };

    private static byte[] Bytes(EventKey key)
    {
        byte[] bytes = new byte[EventKey.Length];
        key.Write(bytes);
        return bytes;
    }
}
