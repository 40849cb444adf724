using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift;

/// <summary>The way to an account, put together from the settings.</summary>
internal sealed record Connection(SpaceliftApi Api, CallBudget Budget)
{
    // Listings have nobody waiting for them; a scrape ends its calls itself.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes everything; nothing is sent yet. It lives as long as the process.</summary>
    public static Connection Open(AccountKey key, SpaceliftSettings settings, MetricFactory metrics, TimeProvider time, ILogger logger)
    {
        ApiCounts counts = new(metrics);
        CallBudget budget = new(settings.CallsPerHour, time);
        ResilientPost post = new(new HttpPost(key.Endpoint, Patience, settings.Authorities(), time), budget, counts, time);
        Session session = new(post, key.KeyId, key.Secret, counts, time, logger);
        return new Connection(new SpaceliftApi(post, session, counts, time), budget);
    }
}
