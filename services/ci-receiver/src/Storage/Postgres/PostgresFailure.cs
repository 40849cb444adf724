using System.Net.Sockets;
using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>What a failure means.</summary>
internal static class PostgresFailure
{
    /// <summary>What senders and scrapers are told while the database cannot be used; the log says more.</summary>
    public const string NoAnswer = "the database does not answer or cannot be used";

    /// <summary>Whether it is the database's: it can be well the next time.</summary>
    public static bool IsOfDatabase(Exception exception) => exception is NpgsqlException or TimeoutException or IOException or SocketException;

    /// <summary>
    /// Whether the database is well and refuses data, and would refuse it again. By the class of the SQLSTATE:
    /// cardinality (21), data (22), integrity (23), limits of the program (54).
    /// </summary>
    public static bool IsOfData(PostgresException exception) => exception.SqlState is ['2', '1' or '2' or '3', ..] or ['5', '4', ..];
}
