using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>Answers that no server should give cost neither the process nor its memory.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HostileTests
{
    // Some fifty are usual; without limits it was thousands. When garbage goes depends on the machine.
    private const double MostMegabytes = 700;

    [Test]
    public async Task Answers_that_are_made_to_break_the_reader_break_nothing()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--stacks-refresh=1s", "--drift-refresh=1s", "--max-calls-per-hour=0");
        await exporter.ScrapeUntilAsync(text => text.Text.Contains("count_by_drift{", StringComparison.Ordinal));
        foreach (string body in (string[])
        [
            """{"data":null,"errors":[{"message":"x","path":["\ud800"]}]}""", """{"data":null,"errors":[null]}""",
            """{"data":{"searchStacks":{"edges":[null],"pageInfo":{"hasNextPage":false}},"searchManagedEntities":{"edges":[null],"pageInfo":{"hasNextPage":false}},"workerPools":[null]}}""",
        ])
        {
            api.Plan = call => call.Operation == "apiKeyUser" ? null : new FakeAnswer(Body: body);
            int before = api.Count("searchStacks");
            await Eventually.TrueAsync(() => api.Count("searchStacks") > before + 1, "the stacks are listed again");
            Assert.That((await exporter.GetAsync()).Status, Is.EqualTo(503), body);
        }
        api.Plan = _ => null;
        await exporter.ScrapeUntilAsync(text => text.All("spacelift_collector_success").All(sample => sample.Value == 1));
    }

    [Test]
    public async Task Answers_without_end_cost_little_memory()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string large = "{\"data\":[" + string.Concat(Enumerable.Repeat("[],", 5_000_000)) + "1]}";
        string name = new('n', 60_000);
        string page = string.Concat(Enumerable.Range(0, 50).Select(i => $$$"""{"node":{"id":"{{{i}}}-ID","name":"{{{name}}}{{{i}}}","state":"FINISHED"}},""")).TrimEnd(',');
        api.Plan = call => call.Operation switch
        {
            "apiKeyUser" => null,
            "searchStacks" => new FakeAnswer(Body: """{"data":{"searchStacks":{"edges":[PAGE],"pageInfo":{"hasNextPage":true,"endCursor":"ID"}}}}"""
                .Replace("PAGE", page, StringComparison.Ordinal).Replace("ID", $"{call.Number}", StringComparison.Ordinal)),
            _ => new FakeAnswer(Body: large),
        };
        await using RunningExporter exporter = await RunningExporter.StartAsync(api, "--no-fail-scrape", "-t", "10s", "--max-calls-per-hour=0");
        ScrapedText scraped = await exporter.ScrapeUntilAsync(text => text.Value("spacelift_collector_items", ("collector", "stacks")) == 5000);
        Assert.That(scraped.Value("spacelift_collector_truncated", ("collector", "stacks")), Is.EqualTo(1));
        Assert.That(scraped.Value("spacelift_up"), Is.Zero);
        double most = File.ReadLines($"/proc/{exporter.Pid}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) / 1024).Single();
        Assert.That(most, Is.LessThan(MostMegabytes));
    }
}
