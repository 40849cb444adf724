namespace CiMetrics.Hosting;

/// <summary>What a web configuration file says, checked and with all that it names loaded.</summary>
/// <param name="Tls">TLS, or null to serve without it.</param>
/// <param name="Http2">Whether HTTP/2 is offered; it needs TLS.</param>
/// <param name="Headers">Headers that every answer carries.</param>
/// <param name="Users">The users and their password hashes.</param>
/// <param name="RateLimit">How often requests may come, or null.</param>
internal sealed record WebConfig(
    TlsConfig? Tls,
    bool Http2,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyDictionary<string, IPassword> Users,
    RateLimit? RateLimit)
{
    /// <summary>What is in force without a file.</summary>
    public static readonly WebConfig None = new(null, true, [], new Dictionary<string, IPassword>(StringComparer.Ordinal), null);
}

/// <summary>A token bucket: so many requests at once, then one per interval.</summary>
internal sealed record RateLimit(TimeSpan Interval, int Burst);
