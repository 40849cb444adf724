namespace CiMetrics.Exposition;

/// <summary>Chooses the format of a scrape from its request headers (RFC 9110, section 12.5).</summary>
public static class ContentNegotiation
{
    /// <summary>
    /// The format to answer with. OpenMetrics only where it is enabled and asked for by name with no lower weight than text;
    /// gzip only when asked for by name. Whatever else the headers say, text 0.0.4 is the answer: Prometheus reads it always.
    /// </summary>
    /// <param name="accept">The Accept header (several joined by commas), or null.</param>
    /// <param name="acceptEncoding">The Accept-Encoding header, or null.</param>
    /// <param name="openMetricsEnabled">Whether OpenMetrics may be served.</param>
    public static ScrapeFormat Choose(string? accept, string? acceptEncoding, bool openMetricsEnabled) =>
        new(openMetricsEnabled && PrefersOpenMetrics(accept), AcceptsGzip(acceptEncoding));

    private static bool PrefersOpenMetrics(string? accept)
    {
        (double OpenMetrics, double Text) weight = (0, 0);
        bool openMetricsFirst = false;
        foreach (HeaderElement element in HeaderElement.Parse(accept))
        {
            switch (element.Name)
            {
                case "application/openmetrics-text" when element.Version is null or "1.0.0":
                    openMetricsFirst |= weight is (0, 0);
                    weight.OpenMetrics = Math.Max(weight.OpenMetrics, element.Weight);
                    break;
                case "text/plain" when element.Version is null or "0.0.4":
                case "text/*":
                case "*/*":
                    weight.Text = Math.Max(weight.Text, element.Weight);
                    break;
            }
        }

        return weight.OpenMetrics > weight.Text || (openMetricsFirst && weight.OpenMetrics == weight.Text && weight.OpenMetrics > 0);
    }

    private static bool AcceptsGzip(string? acceptEncoding)
    {
        double gzip = 0;
        double identity = 0;
        foreach (HeaderElement element in HeaderElement.Parse(acceptEncoding))
        {
            if (element.Name is "gzip" or "x-gzip")
                gzip = element.Weight;
            else if (element.Name is "identity")
                identity = element.Weight;
        }

        return gzip > 0 && gzip >= identity;
    }
}
