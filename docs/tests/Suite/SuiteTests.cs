using System.Diagnostics;
using CiMetrics.Docs.Tests.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Suite;

/// <summary>All published services as one product, beside a real Prometheus with the rules of <c>deploy/prometheus</c>.</summary>
[NonParallelizable]
public sealed class SuiteTests
{
    private static readonly TimeSpan Activity = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AfterTheCrash = TimeSpan.FromSeconds(45);

    // What the rules say of the simulators: some of their jobs fail and some send a variable's name. No more may fire.
    private static readonly string[] Expected = ["CiReceiverVariablesUnexpanded"];

    // A service's own condition begins anew with each process; what it counted of jobs does not.
    private static readonly string[] Durable = ["receiver", "alloy-runner-metrics", "github-runner-metrics"];

    [Test]
    public async Task Everything_works_together_also_after_every_service_has_crashed()
    {
        await using RunningServices services = await RunningServices.StartAsync(ServiceManifest.All);
        await using PrometheusServer prometheus = await PrometheusServer.StartWithAsync(Configuration(services));

        await Task.Delay(Activity);
        await CheckScrapesAsync(prometheus, services, "2m");
        await CheckMetricsAsync(prometheus);
        await CheckAlertsAsync(prometheus);
        Assert.That(await ResetsAsync(prometheus, "{job!=\"\"}", "3m"), Is.Empty, "counters that went back");

        foreach (RunningService service in services.All)
        {
            await service.KillAndRestartAsync();
            await services.WaitUntilHealthyAsync(service);
        }
        await Task.Delay(AfterTheCrash);
        await CheckScrapesAsync(prometheus, services, "20s");
        await CheckMetricsAsync(prometheus);
        foreach (string command in Durable)
            Assert.That(await ResetsAsync(prometheus, $"{{job=\"{command}\",__name__=~\"{OwnCounters(command)}\"}}", "5m"), Is.Empty, $"{command}: what it had counted went back");
        // One crash is one reset for Prometheus, and never a second one while the service catches up.
        Assert.That(await ResetsAsync(prometheus, "{job!=\"\"}", "5m", most: 1), Is.Empty, "counters that went back twice");

        await CheckStopAsync(services);
    }

    private static string Configuration(RunningServices services) =>
        "global: { scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 5s }\n" +
        $"rule_files: ['{Repository.PathOf("deploy", "prometheus")}/*-rules.yml', '{Repository.PathOf("deploy", "prometheus")}/*-alerts.yml']\n" +
        "scrape_configs:\n" +
        string.Concat(services.All.Select(service => $"  - job_name: {service.Command}\n    static_configs: [{{ targets: ['localhost:{service.Port}'] }}]\n"));

    private static async Task CheckScrapesAsync(PrometheusServer prometheus, RunningServices services, string window)
    {
        IReadOnlyList<(Dictionary<string, string> Labels, double Value)> up = await prometheus.QueryAsync($"min_over_time(up[{window}])");
        Assert.That(up.Where(row => row.Value > 0).Select(row => row.Labels["job"]), Is.EquivalentTo(services.All.Select(service => service.Command)), "services with no failed scrape");
    }

    private static async Task CheckMetricsAsync(PrometheusServer prometheus)
    {
        foreach (ServiceManifest manifest in ServiceManifest.All)
        {
            HashSet<string> shown = [.. (await prometheus.QueryAsync($"count by (__name__) ({{job=\"{manifest.Command}\"}})")).Select(row => row.Labels["__name__"])];
            string[] missing =
            [
                .. DocumentedMetrics.OfService(manifest).Where(metric => metric.Condition is null)
                    .Select(metric => metric.Type == "histogram" ? metric with { Name = $"{metric.Name}_count" } : metric)
                    .Where(metric => !shown.Any(metric.IsNamed)).Select(metric => metric.Name),
            ];
            Assert.That(missing, Is.Empty, manifest.Command);
        }
    }

    private static async Task CheckAlertsAsync(PrometheusServer prometheus)
    {
        IEnumerable<string> firing = (await prometheus.QueryAsync("ALERTS{alertstate=\"firing\"}")).Select(row => row.Labels["alertname"]).Distinct(StringComparer.Ordinal);
        Assert.That(firing, Is.SubsetOf(Expected));
    }

    private static async Task<string[]> ResetsAsync(PrometheusServer prometheus, string series, string window, int most = 0)
    {
        string counters = series.Replace("{", "{__name__=~\".+(_total|_count|_bucket|_sum)\",", StringComparison.Ordinal);
        return [.. (await prometheus.QueryAsync($"resets({counters}[{window}]) > {most}")).Select(row => $"{string.Join(',', row.Labels.Select(label => $"{label.Key}={label.Value}"))}: {row.Value}")];
    }

    private static string OwnCounters(string command) => string.Join('|', DocumentedMetrics.OfService(ServiceManifest.All.Single(manifest => manifest.Command == command))
        .Where(metric => metric.Type is "counter" or "histogram")
        .Select(metric => metric.Name.Replace("NAME", "[a-z0-9_]+", StringComparison.Ordinal) + (metric.Type == "histogram" ? "_(count|sum|bucket)" : "")));

    // All are told at once, as a machine that is shut down does it.
    private static async Task CheckStopAsync(RunningServices services)
    {
        Stopwatch watch = Stopwatch.StartNew();
        foreach (RunningService service in services.All) service.Process.Signal(Signals.Terminate);
        foreach (RunningService service in services.All)
        {
            Assert.That(await service.Process.WaitForExitAsync(), Is.Zero, service.Command);
            await TestContext.Out.WriteLineAsync($"{service.Command} had ended after {watch.Elapsed.TotalSeconds:0.0} s");
        }
        // Five seconds, and what a busy machine takes for itself.
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(15)));
    }
}
