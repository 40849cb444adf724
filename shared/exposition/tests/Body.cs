using System.IO.Compression;
using System.Text;

namespace CiMetrics.Exposition.Tests;

/// <summary>What a registry serves, as text.</summary>
internal static class Body
{
    public static readonly ScrapeFormat OpenMetrics = new(OpenMetrics: true, Gzip: false);

    public static Task<string> TextAsync(this CollectorRegistry registry) => registry.BodyAsync(ScrapeFormat.Text);

    public static Task<string> OpenMetricsAsync(this CollectorRegistry registry) => registry.BodyAsync(OpenMetrics);

    /// <summary>The body without the registry's own family.</summary>
    public static async Task<string> OwnTextAsync(this CollectorRegistry registry) =>
        string.Join('\n', (await registry.TextAsync()).Split('\n').Where(line => !line.Contains("exporter_collector_errors", StringComparison.Ordinal)));

    public static byte[] Bytes(this Scrape scrape) => [.. scrape.Segments.SelectMany(segment => segment.ToArray())];

    public static MetricFactory Factory(this CollectorRegistry registry) => Metrics.WithCustomRegistry(registry);

    public static Dictionary<string, string> Labels(params (string Name, string Value)[] labels) =>
        labels.ToDictionary(label => label.Name, label => label.Value, StringComparer.Ordinal);

    /// <summary>The body as text, inflated if it is compressed.</summary>
    public static string Decode(Scrape scrape)
    {
        byte[] bytes = scrape.Bytes();
        if (scrape.ContentEncoding == "gzip")
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var inflated = new MemoryStream();
            gzip.CopyTo(inflated);
            bytes = inflated.ToArray();
        }

        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
    }

    private static async Task<string> BodyAsync(this CollectorRegistry registry, ScrapeFormat format)
    {
        using Scrape scrape = await registry.ScrapeAsync(format);
        Assert.That(scrape.Length, Is.EqualTo(scrape.Bytes().Length));
        return Decode(scrape);
    }
}
