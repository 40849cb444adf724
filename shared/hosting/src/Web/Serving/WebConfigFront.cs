using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>What the web configuration in force does to every request: its headers and its rate limit.</summary>
internal sealed class WebConfigFront(Func<WebConfig> config, TimeProvider time)
{
    private readonly Lock _lock = new();

    // The moment at which the bucket is full again: each request moves it by one interval.
    private DateTimeOffset _full;

    /// <summary>Adds the headers of the configuration; whoever answers leaves them as they are.</summary>
    public void AddHeaders(HttpContext context)
    {
        foreach (var (name, value) in config().Headers)
            context.Response.Headers[name] = value;
    }

    /// <summary>Takes a request from the bucket; false when it is empty.</summary>
    public bool TryTake()
    {
        if (config().RateLimit is not { } limit)
            return true;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var next = (_full > now ? _full : now) + limit.Interval;
            if (next - now > limit.Burst * limit.Interval)
                return false;
            _full = next;
            return true;
        }
    }
}
