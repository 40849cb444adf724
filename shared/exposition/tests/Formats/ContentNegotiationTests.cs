namespace CiMetrics.Exposition.Tests;

public sealed class ContentNegotiationTests
{
    private const string Prometheus242 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    private const string Prometheus249 =
        "application/openmetrics-text;version=1.0.0;q=5,application/openmetrics-text;version=0.0.1;q=4,text/plain;version=0.0.4;q=3,*/*;q=2";

    private const string Prometheus34 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    [TestCase(Prometheus242, true)]
    [TestCase(Prometheus249, true)]
    [TestCase(Prometheus34, true)]
    [TestCase("application/openmetrics-text", true)]
    [TestCase("APPLICATION/OpenMetrics-Text; Version=\"1.0.0\"", true)]
    [TestCase("application/openmetrics-text;q=0.4,text/plain;q=0.5", false)]
    [TestCase("text/plain,application/openmetrics-text", false)]
    [TestCase("application/openmetrics-text,text/plain", true)]
    [TestCase("application/openmetrics-text;version=1.0.0;q=0", false)]
    [TestCase("application/openmetrics-text;version=0.0.1", false)]
    [TestCase("application/openmetrics-text;version=2.0.0", false)]
    [TestCase("application/openmetrics-text;q=high", false)]
    [TestCase("application/openmetrics-text;q=-1", false)]
    [TestCase("text/plain;version=0.0.4", false)]
    [TestCase("text/html,application/xhtml+xml,*/*;q=0.8", false)]
    [TestCase("application/*", false)]
    [TestCase("*/*;q=2", false)]
    [TestCase("*/*", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    [TestCase(";;,=,;q=,q;,\"", false)]
    public void OpenMetrics_is_chosen_only_if_it_is_enabled_and_asked_for_by_name(string? accept, bool expected)
    {
        Assert.That(ContentNegotiation.Choose(accept, null, openMetricsEnabled: true).OpenMetrics, Is.EqualTo(expected));
        Assert.That(ContentNegotiation.Choose(accept, null, openMetricsEnabled: false).OpenMetrics, Is.False);
    }

    [TestCase("gzip", true)]
    [TestCase("deflate, gzip;q=1.0, *;q=0.5", true)]
    [TestCase("GZIP", true)]
    [TestCase("x-gzip", true)]
    [TestCase("gzip;q=0.001", true)]
    [TestCase("gzip;q=0", false)]
    [TestCase("gzip; q=0.000, identity", false)]
    [TestCase("identity;q=1, gzip;q=0.5", false)]
    [TestCase("*", false)]
    [TestCase("br, zstd", false)]
    [TestCase("gzip;q=much", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void Gzip_is_chosen_only_if_it_is_asked_for_by_name(string? acceptEncoding, bool expected) =>
        Assert.That(ContentNegotiation.Choose(null, acceptEncoding, openMetricsEnabled: true).Gzip, Is.EqualTo(expected));

    [Test]
    public void The_content_types_name_version_and_charset()
    {
        Assert.That(ScrapeFormat.Text.ContentType, Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
        Assert.That(Body.OpenMetrics.ContentType, Is.EqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8"));
        Assert.That(new ScrapeFormat(OpenMetrics: false, Gzip: true).ContentEncoding, Is.EqualTo("gzip"));
        Assert.That(ScrapeFormat.Text.ContentEncoding, Is.Null);
    }
}
