using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>What the users' document shows, from the published program.</summary>
public sealed class UsersDocumentTests
{
    private const string Stacks = """
        # HELP spacelift_current_stacks_count_by_state The number of stacks grouped by state
        # TYPE spacelift_current_stacks_count_by_state gauge
        spacelift_current_stacks_count_by_state{space="root",stack="infrastructure-prod",state="FINISHED"} 1
        spacelift_current_stacks_count_by_state{space="root",stack="infrastructure-staging",state="FINISHED"} 1
        spacelift_current_stacks_count_by_state{space="engineering",stack="application-api",state="FINISHED"} 1

        """;

    private const string Drift = """
        # HELP spacelift_current_resources_count_by_drift The number of resources by drift
        # TYPE spacelift_current_resources_count_by_drift gauge
        spacelift_current_resources_count_by_drift{space="root",stack="infrastructure-prod",state="DRIFTED"} 2
        spacelift_current_resources_count_by_drift{space="root",stack="infrastructure-prod",state="OK"} 45
        spacelift_current_resources_count_by_drift{space="engineering",stack="application-api",state="OK"} 23

        """;

    [Test]
    public async Task The_example_comes_out_exactly_and_every_metric_of_the_account_is_golden()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.Text.Contains("stacks_count_by_state{", StringComparison.Ordinal) && text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        Assert.That(scraped.Text, Does.Contain(Stacks).And.Contain(Drift));
        Golden.Check(AccountOf(scraped.Text), "metrics.golden");
        // promtool has its own opinion of one name, which is the document's.
        (_, string output) = await Promtool.CheckMetricsAsync(scraped.Text);
        Assert.That(output.Trim().Split('\n'), Is.EqualTo(new[] { "spacelift_current_avg_stack_size_by_resource_count non-histogram and non-summary metrics should not have \"_count\" suffix" }));
    }

    [Test]
    public async Task Ready_follows_the_login_and_health_is_there_before()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = call => new FakeAnswer(Status: 503);
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        Assert.That((await exporter.GetAsync("/-/ready")).Status, Is.EqualTo(503));
        Assert.That((await exporter.GetAsync("/health")).Status, Is.EqualTo(200));
        api.Plan = _ => null;
        await Eventually.TrueAsync(async () => (await exporter.GetAsync("/-/ready")).Status == 200, "ready after the login");
    }

    [Test]
    public async Task The_calls_are_those_that_Spacelift_expects()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        await exporter.ScrapeUntilAsync(text => text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(1), "one exchange for everything");
        FakeCall login = api.Calls.First(call => call.Operation == "apiKeyUser");
        Assert.That(login.Headers.Keys, Does.Not.Contain("Authorization"));
        Assert.That(login.Variables.GetProperty("id").GetString(), Is.EqualTo(RunningExporter.Key));
        foreach (FakeCall call in api.Calls.Where(call => call.Operation != "apiKeyUser"))
        {
            Assert.That(call.Path, Is.EqualTo("/graphql"));
            Assert.That(call.Headers["Authorization"], Is.EqualTo($"Bearer {api.Token}"));
            Assert.That(call.Headers["Spacelift-Client-Type"], Is.EqualTo("prometheus-exporter"));
            Assert.That(call.Headers["Content-Type"], Is.EqualTo("application/json"));
        }
    }

    // What an account determines, without what time and this program do.
    private static string AccountOf(string text)
    {
        string[] varying = ["_duration", "_timestamp_seconds{", "_age_seconds", "_build_info", "_api_", "_logins_"];
        return string.Concat(text.Split('\n')
            .Where(line => line.Contains(" spacelift_", StringComparison.Ordinal) || line.StartsWith("spacelift_", StringComparison.Ordinal))
            .Where(line => line[0] == '#' || line.Contains("_run_duration", StringComparison.Ordinal) || !varying.Any(word => line.Contains(word, StringComparison.Ordinal)))
            .Select(line => line + "\n"));
    }
}
