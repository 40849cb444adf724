using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>What users see when Spacelift does not answer as it should.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class FaultTests
{
    private static readonly FakeAnswer Html = new(Status: 502, Body: "<html>Bad gateway</html>", Type: "text/html");

    public static IEnumerable<TestCaseData> Faults()
    {
        yield return Case("HTTP_500", new FakeAnswer(Status: 500), "HTTP 500");
        yield return Case("HTTP_502_with_HTML", Html, "HTTP 502");
        yield return Case("HTTP_429", new FakeAnswer(Status: 429, RetryAfter: 60), "not asked: Spacelift wants no calls before 2");
        yield return Case("invalid_JSON", new FakeAnswer(Body: "{\"data\":{"), "the answer is not a GraphQL answer");
        yield return Case("HTML_with_200", new FakeAnswer(Body: "<html></html>"), "the answer is not a GraphQL answer");
        yield return Case("null_root", FakeAnswer.Errors("internal server error"), "internal server error (at x)");
        yield return Case("nothing_at_all", new FakeAnswer(Body: """{"data":null}"""), "neither data nor errors");
        yield return Case("another_shape", new FakeAnswer(Body: """{"data":{"usage":{}}}"""), "not as expected at data");
        yield return Case("connection_reset", new FakeAnswer(Reset: true), "cannot get metrics from Spacelift");
        yield return Case("no_answer_in_time", new FakeAnswer(Delay: TimeSpan.FromSeconds(20)), "no answer in time");
        yield return Case("unauthorized_always", FakeAnswer.Errors("UnAuthorized"), "UnAuthorized");
        yield return Case("HTTP_401_always", new FakeAnswer(Status: 401), "HTTP 401");

        static TestCaseData Case(string name, FakeAnswer answer, string reason) => new TestCaseData(answer, reason).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Nothing_at_all_is_503_with_the_reason_and_not_a_zero(FakeAnswer answer, string reason)
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => call.Operation == "apiKeyUser" ? null : answer;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "-t", "2s");
        (int status, string body) = await exporter.GetAsync();
        Assert.That(status, Is.EqualTo(503), body);
        Assert.That(body, Does.Contain(reason).And.Not.Contain("spacelift_up"));
    }

    [Test]
    public async Task A_wait_that_Spacelift_asks_for_is_logged_once()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        await exporter.ScrapeUntilAsync(text => text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        api.Plan = _ => new FakeAnswer(Status: 429, RetryAfter: 60);
        await exporter.GetAsync();
        for (int i = 0; i < 4; i++)
        {
            await Task.Delay(600);
            Assert.That((await exporter.GetAsync()).Status, Is.EqualTo(503));
        }
        Assert.That(exporter.Log.Split('\n').Count(line => line.Contains("wants no calls before", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task With_no_fail_scrape_it_is_200_and_spacelift_up_is_0()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = _ => Html;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--no-fail-scrape");
        ScrapedText scraped = await exporter.ScrapeAsync();
        Assert.That(scraped.Value("spacelift_up"), Is.Zero);
        Assert.That(scraped.All("spacelift_public_worker_pool_workers_busy"), Is.Empty);
        Assert.That(scraped.Value("spacelift_api_errors_total", ("kind", "http")), Is.GreaterThan(0));
        Assert.That(scraped.Value("spacelift_collector_success", ("collector", "usage")), Is.Zero);
    }

    [Test]
    public async Task What_works_is_shown_without_what_does_not()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => call.Operation switch
        {
            "usage" => FakeAnswer.Errors("internal"),
            "metrics" => FakeAnswer.Errors("partial", """{"metrics":{"stacksCountByState":null,"resourcesCountByDrift":null,"avgStackSizeByResourceCount":[{"value":3.5}],"averageRunDuration":null,"medianRunDuration":[]}}"""),
            _ => null,
        };
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        ScrapedText scraped = await exporter.ScrapeAsync();
        Assert.That(scraped.Value("spacelift_up"), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_public_worker_pool_workers_busy"), Is.EqualTo(6));
        Assert.That(scraped.All("spacelift_current_billing_period_used_seats"), Is.Empty);
        Assert.That(scraped.Value("spacelift_current_avg_stack_size_by_resource_count"), Is.EqualTo(3.5));
        Assert.That(scraped.All("spacelift_current_median_run_duration"), Is.Empty);
        Assert.That(scraped.Value("spacelift_collector_success", ("collector", "usage")), Is.Zero);
        Assert.That(scraped.Value("spacelift_collector_success", ("collector", "metrics")), Is.Zero, "a part is no success");
        Assert.That(scraped.Value("spacelift_collector_success", ("collector", "public_pool")), Is.EqualTo(1));
    }

    [Test]
    public async Task A_slow_part_is_left_out_in_time_for_the_scraper()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => call.Operation == "usage" ? new FakeAnswer(Delay: TimeSpan.FromSeconds(20)) : null;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "-t", "10s");
        // A busy machine may need longer for the metrics than is left to the scraper: that is told as well, in time.
        string body = "";
        await Eventually.TrueAsync(
            async () =>
            {
                (int status, body) = await exporter.GetAsync(timeout: "3");
                Assert.That(status, Is.AnyOf(200, 504), body);
                return status == 200;
            },
            "a scrape with what came in time");
        ScrapedText scraped = new(body);
        Assert.That(scraped.Value("spacelift_public_worker_pool_workers_busy"), Is.EqualTo(6));
        Assert.That(scraped.Value("spacelift_collector_success", ("collector", "usage")), Is.Zero);
        Assert.That(scraped.All("spacelift_current_billing_period_used_seats"), Is.Empty);
    }

    [TestCase("unauthorized")]
    [TestCase("401")]
    [TestCase("expired")]
    public async Task A_token_that_is_not_accepted_is_renewed_once(string form)
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        await exporter.ScrapeUntilAsync(text => text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        string first = $"Bearer {api.Token}";
        if (form == "expired") api.Token = null;
        else api.Plan = call => call.Operation == "apiKeyUser" || call.Headers["Authorization"] != first ? null
            : form == "401" ? new FakeAnswer(Status: 401) : FakeAnswer.Errors("Unauthorized");
        ScrapedText scraped = await exporter.ScrapeAsync();
        Assert.That(scraped.All("spacelift_collector_success").Select(sample => sample.Value), Is.All.EqualTo(1));
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(2), "one exchange for all four queries");
        Assert.That(scraped.Value("spacelift_logins_total", ("result", "success")), Is.EqualTo(2));
    }

    [Test]
    public async Task A_part_that_the_key_may_not_see_does_not_log_in_again_and_again()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => call.Operation == "usage" ? FakeAnswer.Errors("unauthorized") : null;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        for (int i = 0; i < 4; i++) await exporter.ScrapeAsync();
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(2));
        Assert.That((await exporter.ScrapeAsync()).Value("spacelift_collector_supported", ("collector", "usage")), Is.Zero);
    }

    [Test]
    public async Task A_key_that_cannot_list_gets_the_aggregates_once()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => call.Operation.StartsWith("search", StringComparison.Ordinal) ? FakeAnswer.Errors($"{call.Operation} is not available for machine sessions") : null;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.All("spacelift_current_resources_count_by_drift").Any());
        Assert.That(scraped.Text, Does.Contain("spacelift_current_stacks_count_by_state{space=\"\",stack=\"\",state=\"FINISHED\"} 3\n"));
        Assert.That(scraped.Text, Does.Contain("spacelift_current_resources_count_by_drift{space=\"\",stack=\"\",state=\"IN_SYNC\"} 68\n"), "as Spacelift words it");
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state").Count(), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_collector_supported", ("collector", "stacks")), Is.Zero);
    }

    [Test]
    public async Task A_listing_that_fails_later_keeps_what_was_read_and_its_age()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--stacks-refresh=1s", "--drift-refresh=1s");
        await exporter.ScrapeUntilAsync(text => text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        api.Plan = call => call.Operation.StartsWith("search", StringComparison.Ordinal) ? FakeAnswer.Errors("internal") : null;
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.Value("spacelift_collector_success", ("collector", "stacks")) == 0 && text.Value("spacelift_collector_success", ("collector", "drift")) == 0);
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state", ("stack", "application-api")), Is.Not.Empty);
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state", ("stack", "")), Is.Empty, "never the aggregates");
        double? age = scraped.Value("spacelift_collector_age_seconds", ("collector", "stacks"));
        await exporter.ScrapeUntilAsync(text => text.Value("spacelift_collector_age_seconds", ("collector", "stacks")) > age + 1);
        api.Plan = _ => null;
        await exporter.ScrapeUntilAsync(text => text.Value("spacelift_collector_success", ("collector", "stacks")) == 1);
    }
}
