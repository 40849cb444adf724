using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>Every expression of every dashboard, asked of a real Prometheus that scrapes the real services.</summary>
[NonParallelizable]
public sealed partial class ValueTests
{
    private Scene _scene = null!;

    [OneTimeSetUp]
    public async Task PlayAsync() => _scene = await Scene.PlayAsync();

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        if (_scene is not null) await _scene.DisposeAsync();
    }

    // What no source has here, with the reason. That it is empty is checked as well, so that the list does not outlive it.
    private static Dictionary<string, string> Empty { get; } = new(StringComparer.Ordinal)
    {
        ["Waiting for CPU, memory and disks"] = "the kernel's figures about a container; simulated ones have no cgroup",
        ["Time in the queue"] = "AlloyCI's log does not have it, GitLab Runner's does",
        ["Duration of stages"] = "of the shell executor only; the simulated runner has docker machines",
    };

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public async Task Every_panel_has_data(object file)
    {
        foreach (PanelQuery query in ((DashboardFile)file).Queries)
        {
            bool isEmpty = Empty.ContainsKey(query.Panel);
            await Eventually.TrueAsync(async () => (await AskAsync(query.Expression)).Any(row => double.IsFinite(row.Value)) != isEmpty, $"{(isEmpty ? "nothing" : "data")} in {query}");
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public async Task Every_choice_has_values(object file)
    {
        foreach (JsonObject variable in ((DashboardFile)file).Variables.Where(variable => (string)variable["type"]! == "query"))
        {
            Match query = LabelValues().Match((string)variable["query"]!);
            Assert.That(query.Success, Is.True, (string)variable["query"]!);
            IReadOnlyList<Row> rows = await AskAsync($"group by ({query.Groups["label"].Value}) ({query.Groups["selector"].Value})");
            Assert.That(rows.Select(row => row.Labels.GetValueOrDefault(query.Groups["label"].Value)), Has.Some.Not.Null.And.Some.Not.Empty, (string)variable["name"]!);
        }
    }

    [TestCaseSource(typeof(DashboardFile), nameof(DashboardFile.Provisioned))]
    public async Task Without_a_choice_a_service_is_shown_and_not_what_else_is_scraped(object file)
    {
        DashboardFile dashboard = (DashboardFile)file;
        string query = (string)dashboard.Variables.Single(variable => (string)variable["name"]! == "job")["query"]!;
        string[] own = [.. (await AskAsync($"group by (instance) ({LabelValues().Match(query).Groups["selector"].Value})")).Select(row => row.Labels["instance"])];
        Assert.That(own, Is.Not.Empty);
        foreach (PanelQuery asked in dashboard.Queries)
            Assert.That((await AskAsync(asked.Expression)).Where(row => row.Labels.ContainsKey("instance")).Select(row => row.Labels["instance"]), Is.SubsetOf(own), asked.ToString());
    }

    [Test]
    public async Task A_service_that_is_down_is_shown_as_down()
    {
        string expression = DashboardFile.Provisioned.Single(each => each.Name == "overview-dashboard.json").Queries.First(each => each.Panel == "Services that do not").Expression;
        // The one that is down has shown none of our metrics; its job's name alone would tell it.
        await Eventually.TrueAsync(async () => await AskAsync(expression.Replace("ci-receiver|", "ci-receiver|elsewhere|", StringComparison.Ordinal)) is [{ Value: 1 }], "one that is down");
    }

    [Test]
    public async Task Overview()
    {
        const string file = "overview-dashboard.json";
        await ExactlyAsync(file, "Services that answer", 6);
        await ExactlyAsync(file, "Services that do not", 0);
        Assert.That((await RowsAsync(file, "Instances")).Select(row => row.Labels["job"]), Is.EquivalentTo(new[] { "bitbucket-runner-exporter", "spacelift-promex", "alloy-runner-metrics", "github-runner", "ci-receiver", "ci-sidecar" }));
        await ExactlyAsync(file, "Docker engines", 1);
        await ExactlyAsync(file, "Running builds", 1);
        await AboutAsync(file, "Builds that ended", 4);
        await AboutAsync(file, "Builds killed for memory", 1);
        await ExactlyAsync(file, "Runs that wait", 7);
        await ExactlyAsync(file, "Failed stacks", 1);
        await ExactlyAsync(file, "Resources that drifted", 2);
        await ExactlyAsync(file, "Runners up", 1);
        await ExactlyAsync(file, "Runners online", 1);
        await AboutAsync(file, "GitHub jobs that ended", 8);
        await ExactlyAsync(file, "Waiting in sidecars", 0);
    }

    [Test]
    public async Task Bitbucket_runners()
    {
        const string file = "runner-exporter-dashboard.json";
        await ExactlyAsync(file, "Docker engine", 1);
        await ExactlyAsync(file, "Running builds", 1);
        Row build = (await RowsAsync(file, "Running builds and their limits", 1)).Single();
        Assert.That((build.Labels["runner_uuid"], build.Value), Is.EqualTo((Scene.SecondRunner, 4.0)), "the limit of the build that still runs");
        Assert.That((await RowsAsync(file, "Running builds and their limits", 3)).Single().Value, Is.EqualTo(4L << 30));
        ScrapedText scraped = await _scene.ScrapeAsync("bitbucket-runner-exporter");
        await ExactlyAsync(file, "Memory in use", scraped.All("bitbucket_agent_build_memory_usage").Single().Value);
        Assert.That((await RowsAsync(file, "CPU in use")).Single().Value, Is.EqualTo(2).Within(1.5), "the simulated build uses two cores");
        foreach ((string result, int builds) in ((string, int)[])[("success", 2), ("failure", 1), ("killed", 1)])
            About((await RowsAsync(file, "Results")).Single(row => row.Labels["result"] == result).Value, builds, result);
        Assert.That((await RowsAsync(file, "Success")).Single().Value, Is.EqualTo(2 / 3.0).Within(0.05));
        Assert.That((await RowsAsync(file, "CPU held back")).Select(row => row.Value), Is.All.EqualTo(0.1).Within(0.05), "as simulated");
    }

    [Test]
    public async Task Spacelift()
    {
        const string file = "spacelift-dashboard.json";
        foreach ((string panel, double value) in ((string, double)[])
        [
            ("Public worker minutes", 90.5), ("Private worker minutes", 120), ("Used seats", 7), ("Parallelism", 10), ("Runs executing", 6), ("Runs pending", 4),
            ("Stacks", 4), ("Failed stacks", 1), ("Waiting for confirmation", 1), ("Locked stacks", 1), ("Resources that drifted", 2), ("Share that drifted", 0.025), ("Spacelift answers", 1),
        ])
            await ExactlyAsync(file, panel, value);
        Assert.That((await RowsAsync(file, "Time until reset")).Single().Value, Is.EqualTo(TimeSpan.FromDays(20).TotalSeconds).Within(3600));
        Assert.That(Shown(await RowsAsync(file, "Worker pools", 3), "worker_pool_name"), Is.EquivalentTo(new[] { "linux-large=3", "windows=0" }));
        Assert.That(Shown(await RowsAsync(file, "Stacks by state"), "state"), Is.EquivalentTo(new[] { "FAILED=1", "FINISHED=2", "UNCONFIRMED=1" }));
        Assert.That(Shown(await RowsAsync(file, "Stacks that need somebody"), "stack"), Is.EquivalentTo(new[] { "api=1", "staging=1" }));
        Assert.That(Shown(await RowsAsync(file, "Stacks with drift"), "stack"), Is.EquivalentTo(new[] { "prod=2" }));
        Assert.That((await RowsAsync(file, "Duration of runs")).Single().Value, Is.EqualTo(95));
        Assert.That((await RowsAsync(file, "Duration of runs", 1)).Single().Value, Is.EqualTo(61.5));
        Assert.That((await RowsAsync(file, "Queries", 1)).Select(row => row.Value), Is.Not.Empty.And.All.EqualTo(1));
    }

    [TestCase("Failed stacks")]
    [TestCase("Resources that drifted")]
    [TestCase("Share that drifted")]
    public async Task None_is_0_where_all_is_well(string panel)
    {
        string expression = DashboardFile.Provisioned.Single(each => each.Name == "spacelift-dashboard.json").Queries.First(each => each.Panel == panel).Expression;
        // A space of the simulated account with neither.
        Assert.That((await _scene.Prometheus.QueryAsync(GrafanaQuery.Filled(expression, ("space", "engineering")))).Select(row => row.Value), Is.EqualTo(new[] { 0.0 }));
    }

    [Test]
    public async Task Alloy_runners()
    {
        const string file = "alloy-runner-dashboard.json";
        ScrapedText scraped = await _scene.ScrapeAsync("alloy-runner-metrics");
        double running = scraped.All("ci_runner_builds").Sum(sample => sample.Value);
        await ExactlyAsync(file, "Runner", 1);
        await ExactlyAsync(file, "Running jobs", running);
        await ExactlyAsync(file, "Full", running / 6);
        Assert.That((await RowsAsync(file, "Running jobs and their limit", 1)).Single().Value, Is.EqualTo(6), "as the simulated configuration says");
        Assert.That((await RowsAsync(file, "Runner's version")).Single().Labels["version"], Is.EqualTo("10.0.0"));
        Assert.That(Shown(await RowsAsync(file, "Docker machines by state"), "state"), Is.EquivalentTo(scraped.All("ci_docker_machines_provider").Select(sample => $"{sample.Labels["state"]}={sample.Value}")));
        Assert.That((await RowsAsync(file, "Success")).Single().Value, Is.EqualTo(0.6).Within(1e-6));
        await AboutAsync(file, "System failures", 1);
        IReadOnlyList<Row> ended = await RowsAsync(file, "Jobs that end, per hour");
        double canceled = ended.Single(row => row.Labels["result"] == "canceled").Value;
        Assert.That(ended.Single(row => row.Labels["result"] == "script_failure").Value, Is.EqualTo(2 * canceled).Within(1e-6));
    }

    [Test]
    public async Task Ci_templates()
    {
        const string file = "ci-templates-dashboard.json";
        ScrapedText scraped = await _scene.ScrapeAsync("ci-receiver");
        ScrapedSample[] jobs = [.. scraped.Samples.Where(sample => sample.Name.StartsWith("ci_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal))];
        Assert.That(
            Shown(await AskAsync("sum by (template) (ci_template:jobs_total)"), "template"),
            Is.EquivalentTo(jobs.GroupBy(sample => sample.Name["ci_".Length..^"_total".Length], StringComparer.Ordinal).Select(template => $"{template.Key}={template.Sum(sample => sample.Value)}")),
            "the rule keeps every job");
        IReadOnlyList<Row> failures = await RowsAsync(file, "Failures by template and project");
        About(failures.Single(row => row.Labels["template"] == "dotnet_build" && row.Labels["project"] == "shop/api").Value, 4, "failures of dotnet_build");
        await ExactlyAsync(file, "Projects", 2);
        Assert.That((await RowsAsync(file, "Success by template")).Single(row => row.Labels["template"] == "helm_restore").Value, Is.GreaterThan(0.5));
        // All failed jobs of dotnet_build that were told to the receiver directly took 200 s; the sidecar's take 20 s to 15 min.
        Assert.That((await RowsAsync(file, "Time in failed jobs")).Single().Value, Is.GreaterThan(4 * 200 * 0.9));
        Assert.That((await RowsAsync(file, "Templates in use")).Single().Value, Is.InRange(2, jobs.Select(sample => sample.Name).Distinct(StringComparer.Ordinal).Count()));
        // 21 jobs were told when their series had a beginning; the sidecar's may have come too soon after it for a rule to see it.
        Assert.That((await RowsAsync(file, "Jobs")).Single().Value, Is.InRange(21 * 0.99, (jobs.Sum(sample => sample.Value) - 8) * 1.4));
    }

    [Test]
    public async Task Receiver_and_sidecars()
    {
        const string file = "ci-receiver-dashboard.json";
        ScrapedText receiver = await _scene.ScrapeAsync("ci-receiver"), sidecar = await _scene.ScrapeAsync("ci-sidecar");
        await ExactlyAsync(file, "Store", 1);
        await AboutAsync(file, "Duplicates", 1);
        await AboutAsync(file, "Refused", 1);
        await AboutAsync(file, "Events counted", receiver.Value("receiver_events_total", ("result", "counted"))!.Value - 8);
        await AboutAsync(file, "Files", sidecar.Value("ci_sidecar_files_total")!.Value);
        await ExactlyAsync(file, "Waiting", 0);
        await ExactlyAsync(file, "Dead letters", 0);
        Assert.That((await RowsAsync(file, "Limits")).Single().Value, Is.EqualTo(receiver.Value("receiver_names") / receiver.Value("receiver_names_limit")));
    }

    [Test]
    public async Task Github_runners()
    {
        const string file = DashboardFiles.ByHand;
        await ExactlyAsync(file, "Runner Status Overview", 1);
        await ExactlyAsync(file, "Total Jobs Executed", 8);
        Assert.That((await RowsAsync(file, "Job Success Rate")).Single().Value, Is.EqualTo(0.75).Within(0.05));
        await ExactlyAsync(file, "Active Runners", 1);
    }

    [Test]
    public async Task The_alerts_of_what_happened_are_on_their_way_and_no_other_is_critical()
    {
        await _scene.Prometheus.QueryUntilAsync("ALERTS{alertname='BitbucketRunnerOutOfMemory', alertstate='firing'}");
        foreach (string alert in (string[])["SpaceliftStackFailed", "SpaceliftDrift", "SpaceliftRunUnconfirmed", "SpaceliftWorkerPoolRunsPending"])
            await _scene.Prometheus.QueryUntilAsync($"ALERTS{{alertname='{alert}', alertstate='pending'}}");
        Assert.That(await _scene.Prometheus.QueryAsync("ALERTS{severity='critical', alertstate='firing'}"), Is.Empty);
        Assert.That(await _scene.Prometheus.QueryAsync("ALERTS{alertname=~'Bitbucket.*|AlloyRunnerSystemFailures', alertname!='BitbucketRunnerOutOfMemory', alertstate='firing'}"), Is.Empty);
        Assert.That(await _scene.Prometheus.RuleErrorsAsync(), Is.Empty);
    }

    private async Task<IReadOnlyList<Row>> AskAsync(string expression) =>
        [.. (await _scene.Prometheus.QueryAsync(GrafanaQuery.Filled(expression, ("space", ".*")))).Select(row => new Row(row.Labels, row.Value))];

    // Nothing happens any more, but on a slow machine a scrape may be late: then it is asked again.
    private async Task<IReadOnlyList<Row>> RowsAsync(string file, string panel, int query = 0)
    {
        string expression = DashboardFile.Provisioned.Single(each => each.Name == file).Queries.Where(each => each.Panel == panel).ElementAt(query).Expression;
        return await Eventually.GetAsync(async () => await AskAsync(expression) is { Count: > 0 } rows ? rows : null, $"data in {panel}: {expression}");
    }

    private Task ExactlyAsync(string file, string panel, double value) =>
        UntilAsync(file, panel, actual => Math.Abs(actual - value) < 1e-9, value);

    private Task AboutAsync(string file, string panel, double value) => UntilAsync(file, panel, actual => GrafanaQuery.IsIncreaseBy(value, actual), value);

    private async Task UntilAsync(string file, string panel, Func<double, bool> isRight, double value)
    {
        IReadOnlyList<Row> rows = [];
        try
        {
            await Eventually.TrueAsync(async () => (rows = await RowsAsync(file, panel)) is [var only] && isRight(only.Value), $"{file}, {panel}: {value}");
        }
        catch (AssertionException)
        {
            await TestContext.Out.WriteLineAsync(string.Join('\n', rows.Select(row => $"{string.Join(',', row.Labels)}: {row.Value}")));
            throw;
        }
    }

    private static void About(double actual, double value, string what) => Assert.That(GrafanaQuery.IsIncreaseBy(value, actual), Is.True, $"{what}: {actual} for {value}");

    private static IEnumerable<string> Shown(IEnumerable<Row> rows, string label) => rows.Select(row => $"{row.Labels[label]}={row.Value}");

    [GeneratedRegex(@"^label_values\((?<selector>.+), (?<label>\w+)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValues();

    private sealed record Row(IReadOnlyDictionary<string, string> Labels, double Value);
}
