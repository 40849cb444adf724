using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace CiMetrics.Hosting;

/// <summary>How long a scraper waits, as Prometheus says it with every scrape.</summary>
internal static class ScrapeTimeout
{
    /// <summary>Prometheus's <c>scrape_timeout</c> in seconds, with decimals.</summary>
    public const string Header = "X-Prometheus-Scrape-Timeout-Seconds";

    private static readonly TimeSpan MostMargin = TimeSpan.FromMilliseconds(500);

    /// <summary>What the header says, never more than the bound; the bound where it says nothing or nonsense.</summary>
    public static TimeSpan Of(StringValues header, TimeSpan bound) =>
        header.Count == 1
        && double.TryParse(header[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds > 0
        && seconds < bound.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : bound;

    /// <summary>What is left for sending the answer: half a second, a quarter of a time-out below two seconds.</summary>
    public static TimeSpan Margin(TimeSpan timeout) => timeout / 4 < MostMargin ? timeout / 4 : MostMargin;
}
