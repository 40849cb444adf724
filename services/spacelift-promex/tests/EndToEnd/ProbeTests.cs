using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>Several accounts, named in the config file.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ProbeTests
{
    [Test]
    public async Task An_account_of_the_config_file_is_scraped_by_its_name()
    {
        using TempFolder folder = new();
        await using FakeSpacelift main = await FakeSpacelift.StartAsync();
        await using FakeSpacelift other = await FakeSpacelift.StartAsync();
        other.Secret = "other-secret";
        other.Account = other.Account with { Used = (1, 2, 42) };
        string config = folder.Write("config.yml", $"accounts:\n  other:\n    api_endpoint: {other.Url}\n    api_key_id: k2\n    api_key_secret_file: {folder.Write("secret", "other-secret\n")}\n");
        await using RunningExporter exporter = await RunningExporter.StartAsync(main, "--config-file", config);

        ScrapedText probed = await exporter.ScrapeUntilAsync(text => text.All("spacelift_current_stacks_count_by_state").Any(), "/probe?account=other");
        Assert.That(probed.Value("spacelift_current_billing_period_used_seats"), Is.EqualTo(42));
        Assert.That(probed.All("process_start_time_seconds"), Is.Empty, "the exporter's own figures are at /metrics");
        Assert.That((await exporter.ScrapeAsync()).Value("spacelift_current_billing_period_used_seats"), Is.EqualTo(7));
        Assert.That(exporter.Log, Does.Not.Contain("other-secret"));

        Assert.That((await exporter.GetAsync("/probe?account=nobody")).Status, Is.EqualTo(404));
        Assert.That((await exporter.GetAsync($"/probe?account={Uri.EscapeDataString(main.Url)}")).Status, Is.EqualTo(404), "never a URL from the caller");
        Assert.That((await exporter.GetAsync("/probe")).Status, Is.EqualTo(400));
        Assert.That((await exporter.GetAsync("/probe?account=other&account=other")).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task One_that_fails_is_503_by_itself()
    {
        using TempFolder folder = new();
        await using FakeSpacelift main = await FakeSpacelift.StartAsync();
        string config = folder.Write("config.yml", $"accounts:\n  gone:\n    api_endpoint: http://127.0.0.1:{FreePort.Next()}\n    api_key_id: k2\n    api_key_secret_file: {folder.Write("secret", "x-secret-x")}\n");
        await using RunningExporter exporter = await RunningExporter.StartAsync(main, "--config-file", config);
        (int status, string body) = await exporter.GetAsync("/probe?account=gone");
        Assert.That(status, Is.EqualTo(503), body);
        Assert.That(body, Does.Contain("cannot get metrics from Spacelift"));
        await exporter.ScrapeAsync();
        await Eventually.TrueAsync(async () => (await exporter.GetAsync("/-/ready")).Status == 200, "ready by the main account");
    }

    [Test]
    public async Task Mistakes_are_all_listed()
    {
        using TempFolder folder = new();
        string config = folder.Write("config.yml", "accounts:\n  one:\n    api_endpoint: nowhere\n    api_key_secret: hidden-text\n  two:\n    api_endpoint: https://x\n    api_key_id: k\n    api_key_secret_file: /does/not/exist\n");
        (int exitCode, string output) = await RunningExporter.RunAsync("serve", "--config-file", config);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain("api_key_secret").And.Not.Contain("hidden-text"));
    }
}
