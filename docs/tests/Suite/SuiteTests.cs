using System.Diagnostics;
using CiMetrics.Docs.Tests.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Suite;

/// <summary>All published services as one product, beside a real Prometheus with the example configuration and rules of <c>deploy/prometheus</c>.</summary>
[NonParallelizable]
public sealed class SuiteTests
{
    private static readonly TimeSpan Activity = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AfterTheCrash = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // There is a runner's log and no runner: this one is always on its way, and says that the rules are asked.
    private const string Always = "AlloyRunnerDown";

    // What the rules may say of what is simulated, by chance: jobs fail, some through their runner's fault; some send a variable's
    // name, and some write no event; builds run out of memory; a coordinator does not always answer; runs wait for workers.
    // No other may fire or be on its way, but those for information.
    private static readonly string[] Expected =
    [
        Always, "AlloyRunnerSystemFailures", "AlloyRunnerCoordinatorUnreachable", "BitbucketRunnerOutOfMemory", "CiReceiverVariablesUnexpanded", "CiSidecarFilesInvalid",
        "GitHubRunnerFailureRate", "SpaceliftStackFailed", "SpaceliftPublicRunsPending", "SpaceliftWorkerPoolRunsPending",
    ];

    // What a crash takes nothing from. Everything else begins anew with each process.
    private static readonly (string Command, string Counters)[] Durable =
    [
        ("receiver", "ci_.+_total|ci_.+_duration_(count|sum|bucket)"),
        ("alloy-runner-metrics", "ci_docker_machines|runner_jobs_(started|finished)_total|runner_job_duration_seconds_(count|sum|bucket)|runner_log_messages_total"),
        ("github-runner-metrics", "github_runner_jobs_total|github_runner_job_duration_seconds_(count|sum|bucket)"),
    ];

    [Test]
    public async Task Everything_works_together_also_after_every_service_has_crashed()
    {
        await using RunningServices services = await RunningServices.StartAsync(ServiceManifest.All);
        await using PrometheusServer prometheus = await PrometheusServer.StartWithAsync(Configuration(services));

        Stopwatch watch = Stopwatch.StartNew();
        await Task.Delay(Activity);
        await CheckMetricsAsync(prometheus, services, watch);
        using (Assert.EnterMultipleScope())
        {
            await CheckScrapesAsync(prometheus, services, "2m");
            await CheckAlertsAsync(prometheus);
            Assert.That(await ResetsAsync(prometheus, AllCounters, "10m", "> 0"), Is.Empty, "counters that went back");
        }

        foreach (RunningService service in services.All)
        {
            await service.KillAndRestartAsync();
            await services.WaitUntilReadyAsync(service);
        }
        watch.Restart();
        await Task.Delay(AfterTheCrash);
        await CheckMetricsAsync(prometheus, services, watch);
        using (Assert.EnterMultipleScope())
        {
            await CheckScrapesAsync(prometheus, services, "20s");
            await CheckAlertsAsync(prometheus);
            foreach ((string command, string counters) in Durable)
            {
                string durable = $"__name__=~\"{counters}\", {Of(services[command])}";
                Assert.That(await prometheus.QueryAsync($"count({{{durable}}} > 0)"), Is.Not.Empty, $"{command} has counted");
                Assert.That(await ResetsAsync(prometheus, durable, "10m", "> 0"), Is.Empty, $"{command}: what it had counted went back");
            }

            // One crash is one reset for Prometheus, and never a second one while the service catches up.
            Assert.That(await ResetsAsync(prometheus, AllCounters, "10m", "> 1"), Is.Empty, "counters that went back twice");
            Assert.That(await ResetsAsync(prometheus, "__name__=\"exporter_scrape_duration_seconds_count\"", "10m", "== 1"), Has.Length.EqualTo(services.All.Count), "crashes that Prometheus has seen");
        }

        await CheckStopAsync(services);
    }

    private const string AllCounters = "__name__=~\".+(_total|_count|_bucket|_sum)\"";

    // The example's jobs at the ports that the services have here, more often than users would ask. A scrape may take as long as the next one is away.
    private static string Configuration(RunningServices services)
    {
        string folder = Repository.PathOf("deploy", "prometheus");
        string text = File.ReadAllText(Path.Combine(folder, "prometheus.yml"))
            .Replace("_interval: 30s", "_interval: 5s", StringComparison.Ordinal)
            .Replace("scrape_timeout: 20s", "scrape_timeout: 5s", StringComparison.Ordinal)
            .Replace("\"*-", $"\"{folder}/*-", StringComparison.Ordinal);
        foreach (ServiceManifest manifest in ServiceManifest.All)
        {
            string target = $"[\"localhost:{manifest.Port}\"]";
            Assert.That(text, Does.Contain(target));
            text = text.Replace(target, $"[\"127.0.0.1:{services[manifest.Command].Port}\"]", StringComparison.Ordinal);
        }

        return text;
    }

    private static string Of(RunningService service) => $"instance=\"127.0.0.1:{service.Port}\"";

    private static async Task CheckScrapesAsync(PrometheusServer prometheus, RunningServices services, string window)
    {
        IReadOnlyList<(Dictionary<string, string> Labels, double Value)> up = await prometheus.QueryAsync($"min_over_time(up[{window}])");
        Assert.That(
            up.Where(row => row.Value > 0).Select(row => $"instance=\"{row.Labels["instance"]}\""), Is.EquivalentTo(services.All.Select(Of)),
            $"no failed scrape: {string.Join(", ", services.All.Select(service => $"{service.Command} {service.Port}"))}");
    }

    // Some are there only while something happens, such as the beginning of a job that runs: each was seen since the start.
    private static async Task CheckMetricsAsync(PrometheusServer prometheus, RunningServices services, Stopwatch sinceStart)
    {
        string[] missing = [];
        try
        {
            await Eventually.TrueAsync(async () => (missing = await MissingAsync(prometheus, services, sinceStart)).Length == 0, "every documented metric", Patience);
        }
        catch (AssertionException)
        {
            await TestContext.Out.WriteLineAsync($"not seen: {string.Join(", ", missing)}");
            throw;
        }
    }

    private static async Task<string[]> MissingAsync(PrometheusServer prometheus, RunningServices services, Stopwatch sinceStart)
    {
        List<string> missing = [];
        foreach (ServiceManifest manifest in ServiceManifest.All)
        {
            string query = $"count by (__name__) (last_over_time({{{Of(services[manifest.Command])}}}[{(int)sinceStart.Elapsed.TotalSeconds}s]))";
            HashSet<string> shown = [.. (await prometheus.QueryAsync(query)).Select(row => row.Labels["__name__"])];
            missing.AddRange(DocumentedMetrics.OfService(manifest).Where(metric => metric.Condition is null)
                .Select(metric => metric.Type == "histogram" ? metric with { Name = $"{metric.Name}_count" } : metric)
                .Where(metric => !shown.Any(metric.IsNamed)).Select(metric => metric.Name));
        }

        return [.. missing];
    }

    private static async Task CheckAlertsAsync(PrometheusServer prometheus)
    {
        Assert.That(await prometheus.RuleErrorsAsync(), Is.Empty);
        IEnumerable<string> alerts = (await prometheus.QueryAsync("count by (alertname) (ALERTS{alertstate=\"firing\"} or ALERTS{severity!=\"info\"})")).Select(row => row.Labels["alertname"]);
        Assert.That(alerts, Is.SubsetOf(Expected).And.Contains(Always));
    }

    // Functions take a metric's name away, and of several names no label set must be left twice: so the name becomes a label first.
    private static async Task<string[]> ResetsAsync(PrometheusServer prometheus, string counters, string window, string bound) =>
        [.. (await prometheus.QueryAsync($"resets(label_replace({{{counters}}}, \"metric\", \"$1\", \"__name__\", \"(.+)\")[{window}:5s]) {bound}"))
            .Select(row => $"{string.Join(',', row.Labels.Select(label => $"{label.Key}={label.Value}"))}: {row.Value}")];

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
