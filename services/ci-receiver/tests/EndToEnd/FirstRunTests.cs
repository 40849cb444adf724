using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary><c>increase()</c> of a real Prometheus over the first run of a job.</summary>
public sealed class FirstRunTests
{
    private const string Job = "/steps?started=2026-01-02T03:00:00Z&finished=2026-01-02T03:01:00Z&status=success&project=p&name=";

    [Test]
    public async Task Increase_counts_the_first_run_with_zero_first_or_a_catalog_and_not_without()
    {
        using TempFolder folder = new();
        string catalog = folder.Write("catalog.json", """[{"names":["known"],"projects":["p"]}]""");
        await using ReceiverProcess plain = await ReceiverProcess.StartAsync(folder.PathOf("plain"), "--catalog", catalog);
        await using ReceiverProcess zeroFirst = await ReceiverProcess.StartAsync(folder.PathOf("zero"), "--zero-first", "--zero-first-hold=4s");
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(plain.Target, zeroFirst.Target);
        await prometheus.QueryUntilAsync("min_over_time(ci_known_total[1m]) == 0");
        await prometheus.QueryUntilAsync($"up{{instance='{zeroFirst.Target}'}} == 1");

        Assert.That((await plain.GetAsync(Job + "known")).Status, Is.EqualTo(200));
        Assert.That((await plain.GetAsync(Job + "surprise")).Status, Is.EqualTo(200));
        Assert.That((await zeroFirst.GetAsync(Job + "surprise")).Status, Is.EqualTo(200));
        Assert.That((await zeroFirst.ScrapeAsync()).Value("ci_surprise_total"), Is.Zero, "its value comes after the hold");
        Assert.That((await zeroFirst.ScrapeAsync()).Value("ci_surprise_duration_count"), Is.Zero);

        await prometheus.QueryUntilAsync("increase(ci_known_total{status='success'}[5m]) > 0.9");
        await prometheus.QueryUntilAsync($"increase(ci_surprise_total{{instance='{zeroFirst.Target}'}}[5m]) > 0.9");
        await prometheus.QueryUntilAsync($"increase(ci_surprise_duration_count{{instance='{zeroFirst.Target}'}}[5m]) > 0.9");
        Assert.That(await prometheus.QueryAsync($"increase(ci_surprise_total{{instance='{plain.Target}'}}[5m]) > 0"), Is.Empty, "that is what the two are for");
        Assert.That((await zeroFirst.ScrapeAsync()).Value("ci_surprise_total"), Is.EqualTo(1));
    }

    [Test]
    public async Task Created_timestamps_are_shown_in_OpenMetrics_and_survive_a_restart()
    {
        using TempFolder folder = new();
        string[] arguments = ["--created-timestamps", "--web.enable-openmetrics"];
        string first;
        await using (ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"), arguments))
        {
            await receiver.GetAsync(Job + "build");
            first = await OpenMetricsAsync(receiver);
        }

        ParsedBody parsed = await PythonParser.OpenMetricsAsync(first);
        Assert.That(parsed.Error, Is.Null);
        await using ReceiverProcess again = await ReceiverProcess.StartAsync(folder.PathOf("data"), arguments);
        await again.GetAsync(Job + "build");
        string second = await OpenMetricsAsync(again);
        Assert.That(CreatedOf(first), Has.Length.EqualTo(2));
        Assert.That(CreatedOf(second), Is.EqualTo(CreatedOf(first)));
        Assert.That(second, Does.Contain("ci_build_total{project=\"p\",status=\"success\"} 2"));

        static string[] CreatedOf(string text) => [.. text.Split('\n').Where(line => line.StartsWith("ci_", StringComparison.Ordinal) && line.Contains("_created{", StringComparison.Ordinal))];
    }

    private static async Task<string> OpenMetricsAsync(ReceiverProcess receiver)
    {
        using HttpClient client = new();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/openmetrics-text; version=1.0.0");
        return await client.GetStringAsync(receiver.Url("/metrics"));
    }
}
