using System.Globalization;
using System.Net;

namespace CiMetrics.GitHubRunner.Rest;

/// <summary>The pauses that GitHub's API asks for: of its hourly limit, and of those beside it that count how fast one asks.</summary>
internal static class RateLimit
{
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(1);

    /// <summary>How long to make no call, from a second to an hour; null: none is asked for.</summary>
    /// <param name="response">The answer; one that is given can be the last one, too.</param>
    /// <param name="body">Its body, which tells a limit from a permission that is missing.</param>
    /// <param name="now">The time.</param>
    public static TimeSpan? PauseOf(HttpResponseMessage response, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        bool isUsedUp = response.Headers.TryGetValues("X-RateLimit-Remaining", out IEnumerable<string>? left) && left.First() == "0";
        TimeSpan? reset = isUsedUp
            && response.Headers.TryGetValues("X-RateLimit-Reset", out IEnumerable<string>? at)
            && long.TryParse(at.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 1L << 36
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) - now
            : null;
        if (response.IsSuccessStatusCode) return Bounded(reset);
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)) return null;
        if (response.Headers.RetryAfter is { } after) return Bounded(after.Delta ?? after.Date - now);
        bool isLimit = isUsedUp || response.StatusCode == HttpStatusCode.TooManyRequests || body.IndexOf("secondary rate limit"u8) >= 0;
        return reset is not null ? Bounded(reset) : isLimit ? Unsaid : null;
    }

    private static TimeSpan? Bounded(TimeSpan? pause) => pause is { } asked ? TimeSpan.FromSeconds(Math.Clamp(asked.TotalSeconds, 1, 3600)) : null;
}
