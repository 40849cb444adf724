using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.Webhooks;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>The one central receiver: no runner of its own, all events of GitHub.</summary>
[NonParallelizable]
public sealed class WebhookTests
{
    private TempFolder _folder = null!;
    private ExporterProcess _exporter = null!;

    [SetUp]
    public async Task Start()
    {
        _folder = new TempFolder();
        _exporter = await ExporterProcess.StartAsync(_folder, hasWebhook: true);
    }

    [TearDown]
    public async Task Stop()
    {
        await _exporter.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Queue_time_queued_jobs_and_deployments_of_all_runners_are_shown_and_no_jobs()
    {
        SimulatedJob job = new() { Environment = "production" };
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Assert.That(await _exporter.DeliverAsync(Payload.Of(job, "queued", created: now)), Is.EqualTo(202));
        ScrapedText scrape = await _exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_queued_jobs"), Is.EqualTo(1));
        Assert.That(scrape.Value("github_runner_queued_since_timestamp_seconds"), Is.EqualTo(now.ToUnixTimeMilliseconds() / 1000d).Within(60));
        Assert.That(scrape.Value("github_runner_deployments_total", ("environment", "production"), ("result", "failed")), Is.Zero, "it is there before the first one ends");
        await _exporter.DeliverAsync(Payload.Of(job, "in_progress", "far-away", created: now, started: now));
        await _exporter.DeliverAsync(Payload.Of(job, "completed", "far-away", "failure", now, now, now.AddSeconds(60)));
        scrape = await _exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_queued_jobs"), Is.Zero);
        Assert.That(scrape.Value("github_runner_queue_time_seconds_count", ("runner_name", "far-away"), ("source", "queued_event")), Is.EqualTo(1));
        Assert.That(scrape.Value("github_runner_queue_time_seconds_sum", ("runner_name", "far-away")), Is.InRange(0, 60));
        Assert.That(scrape.Value("github_runner_deployments_total", ("repository", "octo/app"), ("result", "failed")), Is.EqualTo(1));
        Assert.That(scrape.All("github_runner_jobs_total"), Is.Empty, "each runner's own exporter counts them");
        Assert.That(scrape.All("github_runner_status"), Is.Empty);
        Assert.That((await Promtool.CheckMetricsAsync(scrape.Text)).Output, Does.Not.Contain("github_runner"));
    }

    [Test]
    public async Task What_is_not_signed_repeated_old_or_too_large_is_not_counted()
    {
        SimulatedJob job = new();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string body = Payload.Of(job, "queued", created: now);
        Assert.That(await _exporter.DeliverAsync(body, signature: ""), Is.EqualTo(401));
        Assert.That(await _exporter.DeliverAsync(body, signature: "sha256=" + new string('0', 64)), Is.EqualTo(401));
        Assert.That(await _exporter.DeliverAsync(body + " ", signature: ExporterProcess.Sign(body)), Is.EqualTo(401), "the body's own bytes");
        Assert.That(await _exporter.DeliverAsync(body, "one"), Is.EqualTo(202));
        Assert.That(await _exporter.DeliverAsync(body, "one"), Is.EqualTo(200));
        Assert.That(await _exporter.DeliverAsync(Payload.Of(new SimulatedJob(), "queued", created: now.AddDays(-4))), Is.EqualTo(202));
        Assert.That(await _exporter.DeliverAsync("{}"), Is.EqualTo(400));
        Assert.That(await _exporter.DeliverAsync("{\"zen\": \"x\"}", type: "ping"), Is.EqualTo(202));
        Assert.That(await _exporter.DeliverAsync(body, path: "/other"), Is.EqualTo(404));
        Assert.That(await _exporter.DeliverAsync(new string(' ', WebhookEndpoint.LongestBody + 1)), Is.EqualTo(413));
        ScrapedText scrape = await _exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_queued_jobs"), Is.EqualTo(1));
        foreach ((string result, double count) in ((string, double)[])[("unsigned", 3), ("accepted", 1), ("duplicate", 1), ("stale", 1), ("malformed", 1), ("ignored", 1), ("too_large", 1)])
            Assert.That(scrape.Value("github_runner_webhook_deliveries_total", ("result", result)), Is.EqualTo(count), result);
        Assert.That(string.Join('\n', _exporter.Log) + scrape.Text + (await _exporter.GetAsync("/")).Body, Does.Not.Contain(ExporterProcess.Secret));
    }

    [Test]
    public async Task The_webhook_is_not_served_where_the_metrics_are_nor_the_metrics_where_it_is()
    {
        Assert.That((await _exporter.GetAsync("/webhook")).Status, Is.EqualTo(404));
        Assert.That(await _exporter.DeliverAsync("{}", path: "/metrics"), Is.EqualTo(404));
    }

    [Test]
    public async Task In_any_order_a_jobs_wait_is_counted_once()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Random random = Seed.Random(out _);
        for (int i = 0; i < 20; i++)
        {
            SimulatedJob job = new();
            string[] bodies =
            [
                Payload.Of(job, "queued", created: now.AddSeconds(-30)), Payload.Of(job, "in_progress", "r", created: now.AddSeconds(-30), started: now),
                Payload.Of(job, "completed", "r", "success", now.AddSeconds(-30), now, now.AddSeconds(5)),
            ];
            random.Shuffle(bodies);
            foreach (string body in bodies) await _exporter.DeliverAsync(body);
        }
        ScrapedText scrape = await _exporter.ScrapeAsync();
        Assert.That(scrape.All("github_runner_queue_time_seconds_count").Sum(sample => sample.Value), Is.EqualTo(20));
        Assert.That(scrape.Value("github_runner_queued_jobs"), Is.Zero);
    }
}
