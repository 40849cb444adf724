using System.Diagnostics;
using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Metrics;

/// <summary>What the published services show of their simulators, against <c>docs/metrics</c>.</summary>
public sealed class PublishedMetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Test]
    public async Task What_is_shown_is_documented_and_what_is_documented_is_shown()
    {
        await using RunningServices services = await RunningServices.StartAsync(ServiceManifest.All, new Dictionary<string, string[]>(StringComparer.Ordinal)
        {
            ["github-runner-metrics"] = ["--webhook-listen=127.0.0.1:0", "--webhook-secret=secret", "--per-repository"],
            ["spacelift-promex"] = ["--webhook-secret=secret"],
        });
        string[][] differences = await Task.WhenAll(ServiceManifest.All.Select(manifest => CheckAsync(services, manifest, Documented(manifest), metric => metric.Condition is null)));
        Assert.That(string.Join('\n', differences.SelectMany(service => service)), Is.Empty);
    }

    [TestCase("alloy")]
    [TestCase("gitlab")]
    public async Task A_profile_shows_the_metrics_that_are_documented_for_it(string profile)
    {
        ServiceManifest manifest = ServiceManifest.All.Single(manifest => manifest.Command == "alloy-runner-metrics");
        // The builds have one name in two profiles, with more labels in the later one: the document's are in the table.
        IReadOnlyList<DocumentedMetric> documented = [.. Documented(manifest).Where(metric => metric.Name != "ci_runner_builds" || profile != "alloy")];
        string condition = $"profile `{profile}`";
        Assert.That(documented.Count(metric => metric.Condition == condition), Is.GreaterThan(5));
        await using RunningServices services = await RunningServices.StartAsync([manifest], new Dictionary<string, string[]>(StringComparer.Ordinal) { [manifest.Command] = [$"--profile={profile}"] });
        string[] differences = await CheckAsync(services, manifest, documented, metric => metric.Condition == condition);
        Assert.That(string.Join('\n', differences.Where(difference => !difference.Contains("ci_runner_builds is not documented", StringComparison.Ordinal))), Is.Empty);
    }

    private static IReadOnlyList<DocumentedMetric> Documented(ServiceManifest manifest) =>
        [.. DocumentedMetrics.OfService(manifest), .. DocumentedMetrics.Of("every-service").Select(metric => metric with { Name = OwnName(manifest, metric.Name) })];

    private static async Task<string[]> CheckAsync(RunningServices services, ServiceManifest manifest, IReadOnlyList<DocumentedMetric> documented, Func<DocumentedMetric, bool> isExpected)
    {
        Dictionary<string, string> shown = new(StringComparer.Ordinal);
        HashSet<string> wrong = new(StringComparer.Ordinal);
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            Look(await ScrapedText.GetAsync(services.Client, services.UrlOf(manifest.Command, "/metrics")), documented, shown, wrong);
            string[] missing = [.. documented.Where(metric => isExpected(metric) && !shown.Keys.Any(metric.IsNamed)).Select(metric => $"{metric.Name} was not shown")];
            if (missing.Length == 0 || watch.Elapsed > Patience) return [.. missing.Concat(wrong).Select(difference => $"{manifest.Command}: {difference}")];
            await Task.Delay(TimeSpan.FromMilliseconds(250));
        }
    }

    private static void Look(ScrapedText scraped, IReadOnlyList<DocumentedMetric> documented, Dictionary<string, string> shown, HashSet<string> wrong)
    {
        foreach (string[] words in scraped.Text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')))
        {
            (string family, string type) = (words[2], words[3]);
            DocumentedMetric? metric = documented.FirstOrDefault(metric => metric.IsNamed(family));
            string series = type == "histogram" ? $"{family}_count" : family;
            ScrapedSample[] samples = [.. scraped.Samples.Where(sample => sample.Name == series)];
            // A family without a series says nothing yet.
            if (samples.Length == 0) continue;
            shown[family] = type;
            if (metric is null) wrong.Add($"{family} is not documented");
            else if (metric.Type != type) wrong.Add($"{family} is a {type}, documented as {metric.Type}");
            else wrong.UnionWith(samples.Select(sample => string.Join(", ", sample.Labels.Keys.Order(StringComparer.Ordinal))).Distinct(StringComparer.Ordinal).Where(labels => labels != string.Join(", ", metric.Labels)).Select(labels => $"{family} has the labels {labels}, documented are {string.Join(", ", metric.Labels)}"));
        }
    }

    // process_* is the runner's process there.
    private static string OwnName(ServiceManifest manifest, string name) =>
        manifest.Command == "alloy-runner-metrics" && name.StartsWith("process_", StringComparison.Ordinal) ? $"exporter_{name}" : name;
}
