using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The dashboard's expressions, asked of a real Prometheus that has scraped the real program.</summary>
[NonParallelizable]
public sealed partial class DashboardTests
{
    // The documents' panels in their order. Those of DORA say that they are proxies.
    private static readonly string[] Panels =
    [
        "Runner Status Overview", "Total Jobs Executed", "Job Success Rate", "Jobs per Hour", "Runner Uptime", "Job Status Distribution", "Deployment Frequency",
        "Lead Time for Changes", "Change Failure Rate", "Job Duration Trends", "Cache Hit Rates", "Active Runners",
    ];

    private static JsonElement Dashboard { get; } = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("deploy", "grafana", "github-runner-dashboard.json"))).RootElement;

    [Test]
    public void It_has_the_twelve_panels_in_order_and_can_be_imported()
    {
        JsonElement[] panels = [.. Dashboard.GetProperty("panels").EnumerateArray()];
        Assert.That(panels.Select(panel => Note().Replace(panel.GetProperty("title").GetString()!, "")), Is.EqualTo(Panels));
        foreach (int dora in (int[])[6, 7, 8]) Assert.That(panels[dora].GetProperty("title").GetString(), Does.Contain("(proxy: "));
        Assert.That(panels.Select(panel => panel.GetProperty("id").GetInt32()), Is.Unique);
        Assert.That(panels.Select(panel => panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("noValue").GetString()), Is.All.Not.Empty, "no panel breaks without jobs");
        Assert.That(Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(each => each.GetProperty("name").GetString()), Is.EqualTo(new[] { "datasource", "job", "instance", "runner_name", "runner_type" }));
        Assert.That(Dashboard.GetProperty("uid").GetString(), Is.EqualTo("github-runner-metrics"));
        Assert.That(Dashboard.GetProperty("schemaVersion").GetInt32(), Is.GreaterThanOrEqualTo(38));
        Assert.That(Dashboard.GetProperty("__inputs").GetArrayLength() + Dashboard.GetProperty("__requires").GetArrayLength(), Is.GreaterThan(5));
    }

    [Test]
    public async Task Every_expression_gives_the_values_of_a_day_of_jobs()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        runner.Start(DateTimeOffset.UtcNow);
        await using ServiceProcess listener = ListenerStandIn.Start(runner);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(exporter.Target);
        await Eventually.TrueAsync(async () => (await prometheus.QueryAsync("count_over_time(github_runner_jobs_total{status=\"success\"}[1m]) > 3")).Count == 1, "some scrapes before the first job");
        Assert.That(await AskAsync(prometheus, 2), Is.Empty, "without jobs there is no rate, and no 0 or NaN in its place");
        Assert.That(await AskAsync(prometheus, 7), Is.Empty);
        Assert.That(await AskAsync(prometheus, 8), Is.Empty);
        Assert.That(await AskAsync(prometheus, 10), Is.Empty);
        Assert.That((await AskAsync(prometheus, 1)).Single().Value, Is.Zero);

        // 30 succeed, 8 fail, 2 are abandoned, 10 are cancelled; a minute each. Three of four restores hit.
        foreach ((int count, string result) in ((int, string)[])[(30, "Succeeded"), (8, "Failed"), (2, "Abandoned"), (10, "Canceled")])
        {
            for (int i = 0; i < count; i++) runner.Run(new SimulatedJob(), Story.At(i * 100), Story.At((i * 100) + 60), result);
        }
        for (int i = 0; i < 4; i++)
        {
            using SimulatedStep step = new(runner);
            step.Print("##[group]Run actions/cache@v4", "with:", "  path: ~/.npm", "  key: k", "##[endgroup]", i == 0 ? "Cache not found for input keys: k" : "Cache restored from key: k");
        }
        await prometheus.QueryUntilAsync("sum(github_runner_jobs_total) == 50 and sum(github_runner_cache_restores_total) == 4");
        // Rates are of all that was scraped: the newest is in two samples.
        await Task.Delay(2500);

        Assert.That(Rows(await AskAsync(prometheus, 0), "runner_name"), Is.EqualTo("runner-1=1"));
        Assert.That((await AskAsync(prometheus, 1)).Single().Value, Is.EqualTo(50));
        Assert.That((await AskAsync(prometheus, 2)).Single().Value, Is.EqualTo(0.75).Within(1e-9));
        Near(await AskAsync(prometheus, 3), "status", ("success", 30), ("failed", 8), ("abandoned", 2), ("cancelled", 10), ("skipped", 0));
        Assert.That((await AskAsync(prometheus, 4)).Single().Value, Is.InRange(1e-9, 1));
        Near(await AskAsync(prometheus, 5), "status", ("success", 30), ("failed", 8), ("abandoned", 2), ("cancelled", 10), ("skipped", 0));
        Near([.. (await AskAsync(prometheus, 6)).Select(row => (row.Labels, row.Value / 24))], "", ("", 30));
        Assert.That((await AskAsync(prometheus, 7)).Single().Value, Is.EqualTo(1).Within(1e-9));
        Assert.That((await AskAsync(prometheus, 8)).Single().Value, Is.EqualTo(25).Within(1e-9));
        // All in the bucket from 30 to 60 s.
        Assert.That((await AskAsync(prometheus, 9)).Select(row => Math.Round(row.Value, 6)), Is.EqualTo(new[] { 45, 58.5, 60 }));
        Assert.That(Rows(await AskAsync(prometheus, 10), "cache_type"), Is.EqualTo("npm=0.75"));
        Assert.That((await AskAsync(prometheus, 11)).Single().Value, Is.EqualTo(1));
    }

    private static void Near(IReadOnlyList<(Dictionary<string, string> Labels, double Value)> rows, string label, params (string Value, double Count)[] expected)
    {
        Assert.That(rows, Has.Count.EqualTo(expected.Length));
        foreach ((string value, double count) in expected)
        {
            double actual = rows.Single(row => label.Length == 0 || row.Labels[label] == value).Value;
            Assert.That(GrafanaQuery.IsIncreaseBy(count, actual), Is.True, $"{value}: {actual} for {count}");
        }
    }

    private static string Rows(IEnumerable<(Dictionary<string, string> Labels, double Value)> rows, string label) =>
        string.Join(", ", rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Labels[label]}={row.Value}")));

    private static async Task<IReadOnlyList<(Dictionary<string, string> Labels, double Value)>> AskAsync(PrometheusServer prometheus, int panel)
    {
        List<(Dictionary<string, string>, double)> rows = [];
        foreach (JsonElement target in Dashboard.GetProperty("panels")[panel].GetProperty("targets").EnumerateArray())
            rows.AddRange(await prometheus.QueryAsync(GrafanaQuery.Filled(target.GetProperty("expr").GetString()!, ("job", "test"), ("runner_name", "(runner-1|other)"))));
        return rows;
    }

    [GeneratedRegex(@" \(proxy: .*\)$", RegexOptions.None, 1000)]
    private static partial Regex Note();
}
