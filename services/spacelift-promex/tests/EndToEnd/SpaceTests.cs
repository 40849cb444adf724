using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>What is shown of spaces, workers and chosen stacks.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SpaceTests
{
    private static FakeAccount Account => new()
    {
        Stacks =
        [
            new("a", "prod-network", "root", "FINISHED", Ok: 3),
            new("b", "prod-database", "root", "UNCONFIRMED", Ok: 1, Drifted: 1, LockedBy: "somebody", StateSetAt: DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeSeconds()),
            new("c", "stage-database", "engineering", "UNCONFIRMED", LockedBy: "somebody else", StateSetAt: DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds()),
            new("d", "prod-website", "engineering", "UNCONFIRMED", Ok: 7, StateSetAt: DateTimeOffset.UtcNow.AddHours(-3).ToUnixTimeSeconds()),
        ],
    };

    [Test]
    public async Task Stacks_by_state_locks_and_runs_that_wait_are_shown_per_space()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Account = Account;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.All("spacelift_space_stacks").Any());
        Assert.That(scraped.Value("spacelift_space_stacks", ("space", "root"), ("state", "FINISHED")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_space_stacks", ("space", "engineering"), ("state", "UNCONFIRMED")), Is.EqualTo(2));
        Assert.That(scraped.Value("spacelift_space_stacks_locked", ("space", "root")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_space_runs_unconfirmed", ("space", "engineering")), Is.EqualTo(2));
        Assert.That(scraped.Value("spacelift_space_oldest_unconfirmed_run_age_seconds", ("space", "engineering")), Is.InRange(3 * 3600, 4 * 3600));
        Assert.That(scraped.Value("spacelift_space_oldest_unconfirmed_run_age_seconds", ("space", "root")), Is.InRange(2 * 3600, 3 * 3600));
    }

    [Test]
    public async Task Workers_are_counted_by_status()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api);
        ScrapedText scraped = await exporter.ScrapeAsync();
        foreach ((string status, int count) in ((string, int)[])[("idle", 3), ("busy", 1), ("draining", 1), ("drained", 0)])
            Assert.That(scraped.Value("spacelift_worker_pool_workers_by_status", ("worker_pool_name", "linux-large"), ("status", status)), Is.EqualTo(count), status);
    }

    [Test]
    public async Task Filters_choose_stacks_by_name_and_space()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Account = Account;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--space", "root", "--space", "engineer*", "--stack", "*-database");
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.All("spacelift_current_resources_count_by_drift").Any() && text.All("spacelift_space_stacks").Any());
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state").Select(sample => sample.Labels["stack"]), Is.EqualTo(new[] { "prod-database", "stage-database" }));
        Assert.That(scraped.All("spacelift_current_resources_count_by_drift").Select(sample => sample.Labels["stack"]).Distinct(StringComparer.Ordinal), Is.EqualTo(new[] { "prod-database" }));
        Assert.That(scraped.All("spacelift_space_stacks", ("state", "FINISHED")), Is.Empty);
        Assert.That(scraped.Value("spacelift_collector_items", ("collector", "stacks")), Is.EqualTo(4), "all are listed");
    }

    [Test]
    public async Task Without_the_label_stack_there_is_one_series_per_space_and_state()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Account = Account;
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--no-stack-label");
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.All("spacelift_current_resources_count_by_drift").Any() && text.All("spacelift_space_stacks").Any());
        Assert.That(scraped.Value("spacelift_current_stacks_count_by_state", ("space", "engineering"), ("stack", ""), ("state", "UNCONFIRMED")), Is.EqualTo(2));
        Assert.That(scraped.Value("spacelift_current_resources_count_by_drift", ("space", "root"), ("stack", ""), ("state", "OK")), Is.EqualTo(4));
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state").Count(), Is.EqualTo(3));
    }

    [Test]
    public async Task Two_thousand_stacks_with_ten_thousand_resources_are_listed_and_counted()
    {
        using TempFolder folder = new();
        using TestAuthority authority = new("own");
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadPkcs12(
            authority.Issue("localhost").ToCertificate().Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pkcs12), null);
        await using FakeSpacelift api = await FakeSpacelift.StartAsync(0, certificate);
        api.Account = FakeAccount.Large(2000, 10_000);
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--ca-cert-path", folder.Write("ca.pem", authority.Pem), "--min-refresh=10s");
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.Value("spacelift_collector_items", ("collector", "drift")) == 10_000 && text.All("spacelift_current_resources_count_by_drift").Any());
        Assert.That(scraped.All("spacelift_current_stacks_count_by_state").Count(), Is.EqualTo(2000));
        Assert.That(scraped.All("spacelift_current_resources_count_by_drift").Sum(sample => sample.Value), Is.EqualTo(10_000));
        Assert.That(scraped.Value("spacelift_collector_truncated", ("collector", "drift")), Is.Zero);
        Assert.That(api.Count("searchStacks"), Is.EqualTo(40), "pages of 50");
        Assert.That(api.Count("searchManagedEntities"), Is.EqualTo(200));
    }

    [Test]
    public async Task A_listing_that_is_longer_than_its_pages_is_marked()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Account = FakeAccount.Large(120, 120);
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--stacks-max-pages=2", "--drift-max-pages=1");
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.All("spacelift_collector_truncated").Count() == 2);
        Assert.That(scraped.Value("spacelift_collector_truncated", ("collector", "stacks")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_collector_items", ("collector", "stacks")), Is.EqualTo(100));
        Assert.That(scraped.Value("spacelift_collector_items", ("collector", "drift")), Is.EqualTo(50));
    }
}
