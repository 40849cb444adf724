using Npgsql;

namespace CiMetrics.Receiver.Storage.Postgres;

/// <summary>The address of a database: <c>postgres://user:password@host:port/database?sslmode=require</c>, or Npgsql's own <c>Host=...;Username=...</c>.</summary>
internal static class PostgresAddress
{
    private const string Rule = "must be journal, a URL such as postgres://user@host:5432/database, or a connection string such as Host=...;Username=...;Database=...";

    /// <summary>Reads an address; null and the rule that it breaks, which does not show it.</summary>
    public static NpgsqlConnectionStringBuilder? Parse(string text, out string? rule)
    {
        rule = null;
        try
        {
            bool isUrl = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal);
            NpgsqlConnectionStringBuilder builder = isUrl ? OfUrl(new Uri(text)) : new NpgsqlConnectionStringBuilder(text);
            if (!string.IsNullOrEmpty(builder.Host)) return Complete(builder);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            // What was wrong may hold the password: the rule says enough.
        }

        rule = Rule;
        return null;
    }

    private static NpgsqlConnectionStringBuilder OfUrl(Uri url)
    {
        NpgsqlConnectionStringBuilder builder = new() { Host = Uri.UnescapeDataString(url.Host.Trim('[', ']')) };
        if (url.Port > 0) builder.Port = url.Port;
        string[] user = url.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) builder.Password = Uri.UnescapeDataString(user[1]);
        if (url.AbsolutePath.Trim('/') is { Length: > 0 } database) builder.Database = Uri.UnescapeDataString(database);
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            builder[KeyOf(Uri.UnescapeDataString(parts[0]))] = Uri.UnescapeDataString(parts.Length == 2 ? parts[1] : "");
        }

        return builder;
    }

    // libpq's names where Npgsql has others.
    private static string KeyOf(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "sslcert" => "SSL Certificate",
        "sslkey" => "SSL Key",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "target_session_attrs" => "Target Session Attributes",
        "options" => "Options",
        _ => name,
    };

    // Senders wait for the database: it must not take long to learn that it is gone.
    private static NpgsqlConnectionStringBuilder Complete(NpgsqlConnectionStringBuilder builder)
    {
        if (!builder.ContainsKey("Timeout")) builder.Timeout = 3;
        if (!builder.ContainsKey("Command Timeout")) builder.CommandTimeout = 10;
        if (!builder.ContainsKey("Maximum Pool Size")) builder.MaxPoolSize = 4;
        if (!builder.ContainsKey("Application Name")) builder.ApplicationName = "receiver";
        return builder;
    }
}
