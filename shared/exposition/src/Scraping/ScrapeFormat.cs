namespace CiMetrics.Exposition;

/// <summary>How a body is written.</summary>
/// <param name="OpenMetrics">OpenMetrics 1.0.0, otherwise text 0.0.4.</param>
/// <param name="Gzip">Compressed.</param>
public readonly record struct ScrapeFormat(bool OpenMetrics, bool Gzip)
{
    /// <summary>Text 0.0.4, not compressed.</summary>
    public static ScrapeFormat Text => default;

    /// <summary>The Content-Type header's value.</summary>
    public string ContentType => OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The Content-Encoding header's value, or null.</summary>
    public string? ContentEncoding => Gzip ? "gzip" : null;
}
