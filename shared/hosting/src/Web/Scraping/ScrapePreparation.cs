namespace CiMetrics.Hosting;

/// <summary>
/// What a service does before its metrics are gathered, where they must be fetched at scrape time. Scrapes may come at
/// the same time. A service that fails logs the cause itself: scrapes are answered, and counted, but not logged.
/// </summary>
/// <param name="deadline">
/// Cancelled when the answer could no longer reach the scraper in time, or when the scraper is gone; what is still under
/// way then is in vain. A preparation that returns at once then is still heard.
/// </param>
/// <returns>Null when the metrics may be gathered; else why not, for the body of a 503. No secrets.</returns>
public delegate Task<string?> ScrapePreparation(CancellationToken deadline);
