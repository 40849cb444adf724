using System.Diagnostics;
using System.Net;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Scrapes that have to be prepared, and the time that they have.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ScrapeDeadlineTests
{
    // Far beyond what any of these scrapes waits.
    private const string Endless = "1h";

    [Test]
    public async Task The_scraper_s_time_out_less_a_margin_ends_a_scrape_with_504_and_the_work_for_it()
    {
        await using var sample = await Sample.StartAsync("--scrape-work", Endless);
        var watch = Stopwatch.StartNew();
        var (status, body) = await ScrapeAsync(sample, "2");
        Assert.That(status, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(body, Is.EqualTo("504 the metrics were not there within 1s500ms, the time that this scrape has\n"));
        Assert.That(watch.Elapsed, Is.GreaterThan(TimeSpan.FromSeconds(1.4)));
        await sample.Process.WaitForAsync(line => line.Contains("msg=\"A preparation was cut short\"", StringComparison.Ordinal));
        Assert.That(await sample.GetTextAsync("/-/healthy"), Is.EqualTo("OK\n"));
    }

    [TestCase(null)]
    [TestCase("nonsense")]
    [TestCase("-1")]
    [TestCase("3600")]
    public async Task Without_a_time_out_that_makes_sense_the_configured_one_is_the_bound(string? header)
    {
        await using var sample = await Sample.StartAsync("--scrape-work", Endless, "--web.scrape-timeout", "1s");
        var (status, body) = await ScrapeAsync(sample, header);
        Assert.That(status, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(body, Does.Contain(" within 750ms,"));
    }

    [Test]
    public async Task A_scraper_that_leaves_ends_the_work_for_it()
    {
        await using var sample = await Sample.StartAsync("--scrape-work", Endless);
        using (var gone = new CancellationTokenSource())
        {
            var scrape = sample.Client.GetAsync(new Uri("/metrics", UriKind.Relative), gone.Token);
            await sample.Process.WaitForAsync(line => line.Contains("what=preparation", StringComparison.Ordinal));
            await gone.CancelAsync();
            Assert.That(async () => await scrape, Throws.InstanceOf<OperationCanceledException>());
        }
        await sample.Process.WaitForAsync(line => line.Contains("msg=\"A preparation was cut short\"", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_scrape_that_is_prepared_in_time_is_answered()
    {
        await using var sample = await Sample.StartAsync("--scrape-work", "300ms");
        var (status, body) = await ScrapeAsync(sample, "30");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(body, Does.Contain("sample_workers{").And.Contain("exporter_scrape_failures_total{reason=\"deadline\"} 0\n"));
        Assert.That((await ScrapeAsync(sample, "0.2")).Status, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That((await ScrapeAsync(sample, "30")).Body, Does.Contain("exporter_scrape_failures_total{reason=\"deadline\"} 1\n"));
    }

    [Test]
    public async Task What_cannot_be_prepared_is_503_with_the_reason()
    {
        await using var sample = await Sample.StartAsync("--scrape-error", "the account did not answer");
        Assert.That(await ScrapeAsync(sample, "10"), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "503 the account did not answer\n")));
        Assert.That(await sample.GetTextAsync("/-/ready"), Is.EqualTo("Ready\n"));
    }

    [Test]
    public async Task A_service_that_says_so_is_not_ready_and_the_reason_is_in_the_log_alone()
    {
        await using var sample = await Sample.StartAsync();
        Assert.That(await ReadyAsync(sample), Is.EqualTo((HttpStatusCode.OK, "Ready\n")));
        using (await sample.SendAsync(HttpMethod.Post, "/ready?not=ledger"))
            Assert.That(await ReadyAsync(sample), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "Not ready\n")));
        await sample.Process.WaitForAsync(line => line.Contains("level=warn msg=\"Not ready\" reason=ledger", StringComparison.Ordinal));
        Assert.That(await sample.GetTextAsync("/-/healthy"), Is.EqualTo("OK\n"));
        Assert.That((await ScrapeAsync(sample, "10")).Status, Is.EqualTo(HttpStatusCode.OK));
        using (await sample.SendAsync(HttpMethod.Post, "/ready"))
            Assert.That(await ReadyAsync(sample), Is.EqualTo((HttpStatusCode.OK, "Ready\n")));
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(RunningSample sample)
    {
        using var response = await sample.SendAsync(HttpMethod.Get, "/-/ready");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<(HttpStatusCode Status, string Body)> ScrapeAsync(RunningSample sample, string? timeout)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (timeout is not null)
            request.Headers.TryAddWithoutValidation("X-Prometheus-Scrape-Timeout-Seconds", timeout);
        using var response = await sample.Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
