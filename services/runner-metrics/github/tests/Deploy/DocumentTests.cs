using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.GitHubRunner.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>What the two documents tell users to write and to run.</summary>
[NonParallelizable]
public sealed partial class DocumentTests
{
    private const string Scraping = "PROMETHEUS_INTEGRATION.md";
    private const string Dashboard = "GRAFANA_DASHBOARD_SETUP.md";

    private static IEnumerable<string> ScrapeConfigurations => Examples.Of(Scraping, "yaml").Where(example => example.Contains("job_name", StringComparison.Ordinal));

    [TestCaseSource(nameof(ScrapeConfigurations))]
    public async Task Prometheus_takes_the_scrape_configurations(string example)
    {
        using TempFolder folder = new();
        string targets = folder.Write("runners.json", Examples.Of(Scraping, "json").Single());
        // Debian's Prometheus is built without Kubernetes: there another discovery stands in for it.
        const string Kubernetes = "kubernetes_sd_configs:\n      - role: pod\n";
        if (example.Contains("kubernetes", StringComparison.Ordinal)) Assert.That(example, Does.Contain(Kubernetes));
        example = example.Replace(Kubernetes, "http_sd_configs:\n      - url: http://localhost/\n", StringComparison.Ordinal);
        // Those that are one job of a list stand without its name.
        string configuration = (example.StartsWith("scrape_configs:", StringComparison.Ordinal) ? example : "scrape_configs:\n" + example).Replace("/etc/prometheus/runners/*.json", targets, StringComparison.Ordinal);
        (int exitCode, string output) = await CheckAsync(folder, configuration);
        Assert.That((exitCode, output.Contains("SUCCESS", StringComparison.Ordinal)), Is.EqualTo((0, true)), output);
        Assert.That(output, Does.Not.Contain("WARNING"));
        (exitCode, output) = await CheckAsync(folder, configuration.Replace("job_name", "job_nam", StringComparison.Ordinal));
        Assert.That(exitCode, Is.Not.Zero, "the check can fail");
    }

    [Test]
    public async Task Prometheus_scrapes_what_the_first_one_names_and_the_queries_have_values()
    {
        using TempFolder host = new(), central = new();
        SimulatedRunner runner = new(host.PathOf("runner"), "runner-1");
        runner.Start(DateTimeOffset.UtcNow);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(host, hasWebhook: false, "--runner-dir", runner.Folder);
        await using ExporterProcess receiver = await ExporterProcess.StartAsync(central, hasWebhook: true);
        string configuration = Examples.With(Scraping, "yaml", "github-runner-webhook")
            .Replace("\"runner-host-1:9091\", \"runner-host-2:9091\"", $"\"{exporter.Target}\"", StringComparison.Ordinal)
            .Replace("metrics-host:9091", receiver.Target, StringComparison.Ordinal)
            .Replace("scrape_interval: 30s", "scrape_interval: 1s", StringComparison.Ordinal);
        await using PrometheusServer prometheus = await PrometheusServer.StartWithAsync(configuration);
        await prometheus.QueryUntilAsync("count_over_time(github_runner_jobs_total{status=\"success\"}[1m]) > 2");

        DateTimeOffset now = DateTimeOffset.UtcNow;
        SimulatedJob ended = new() { Environment = "production" }, waiting = new();
        runner.Run(new SimulatedJob(), now.AddSeconds(-60), now);
        runner.Begin(new SimulatedJob(), now);
        // Its series has to be seen at 0 before it is counted.
        await receiver.DeliverAsync(Payload.Of(ended, "queued", created: now));
        await receiver.DeliverAsync(Payload.Of(waiting, "queued", created: now));
        await prometheus.QueryUntilAsync("count_over_time(github_runner_deployments_total[1m]) > 2");
        await receiver.DeliverAsync(Payload.Of(ended, "in_progress", "runner-1", created: now, started: now));
        await receiver.DeliverAsync(Payload.Of(ended, "completed", "runner-1", "success", now, now, now.AddSeconds(9)));
        // A second observation of the same series: the first one is born with it.
        SimulatedJob next = new();
        await prometheus.QueryUntilAsync("count_over_time(github_runner_queue_time_seconds_count[1m]) > 2");
        await receiver.DeliverAsync(Payload.Of(next, "queued", created: now));
        await receiver.DeliverAsync(Payload.Of(next, "in_progress", "runner-1", created: now, started: now));

        Assert.That((await prometheus.QueryAsync("up")).Select(row => (row.Labels["job"], row.Value)), Is.EquivalentTo(new[] { ("github-runner", 1.0), ("github-runner-webhook", 1.0) }));
        string[] queries = [.. Examples.Of(Scraping, "promql").Single().Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
        Assert.That(queries, Has.Length.EqualTo(5));
        foreach (string query in queries)
            Assert.That((await prometheus.QueryUntilAsync($"({query}) == ({query})")).Select(row => row.Value), Is.Not.Empty.And.All.GreaterThanOrEqualTo(0), query);
        Assert.That((await prometheus.QueryAsync(queries[0])).Single().Value, Is.EqualTo(1));
    }

    [Test]
    public async Task The_commands_of_the_documents_do_what_they_say()
    {
        Requires.Program("promtool", "prometheus");
        string tests = Inline().Match(File.ReadAllText(Repository.PathOf("docs", Scraping))).Value.Trim('`').Replace('\n', ' ');
        Assert.That(tests, Does.EndWith(".yml"));
        (int exitCode, string output) = await ShellAsync(tests);
        Assert.That((exitCode, output.Contains("SUCCESS", StringComparison.Ordinal)), Is.EqualTo((0, true)), output);
    }

    [Test]
    public async Task The_sidecar_is_one_that_Kubernetes_knows()
    {
        JsonObject document = PublishedSchemas.Closed(PublishedSchemas.Read("kubernetes-1.36-definitions.json"));
        string definition = document["definitions"]!.AsObject().Single(each => each.Key.EndsWith(".core.v1.PodTemplateSpec", StringComparison.Ordinal)).Key;
        string example = Examples.With(Scraping, "yaml", "shareProcessNamespace");
        NJsonSchema.JsonSchema schema = await PublishedSchemas.DefinitionAsync(document, definition);
        Assert.That(PublishedSchemas.Mistakes(schema, Examples.Json(example)), Is.Empty);
        Assert.That(PublishedSchemas.Mistakes(schema, Examples.Json(example.Replace("mountPath", "mountpath", StringComparison.Ordinal))), Is.Not.Empty, "the check can fail");
    }

    [Test]
    public async Task The_sidecars_arguments_are_ones_that_the_program_takes()
    {
        JsonObject pod = Examples.Json(Examples.With(Scraping, "yaml", "shareProcessNamespace"))!["spec"]!.AsObject();
        JsonObject[] containers = [.. pod["containers"]!.AsArray().Select(each => each!.AsObject())];
        JsonObject metrics = containers[1];
        string[] volumes = [.. pod["volumes"]!.AsArray().Select(each => (string)each!["name"]!)];
        foreach (JsonObject container in containers)
            Assert.That(container["volumeMounts"]!.AsArray().Select(mount => (string)mount!["name"]!), Is.SubsetOf(volumes));
        string port = Examples.With(Scraping, "yaml", "__meta_kubernetes_pod_container_port_name");
        Assert.That(port, Does.Contain($"regex: {(string)metrics["ports"]![0]!["name"]!}\n"), "the discovery looks for the port's name");

        // The folder of the pod that both see is there before the runner has written its configuration.
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("home"), "not-seen");
        File.Delete(Path.Combine(runner.Folder, ".runner"));
        runner.Start(Story.At(0));
        string[] arguments = [.. metrics["args"]!.AsArray().Select(each => ((string)each!).Replace("/home/runner", runner.Folder, StringComparison.Ordinal))];
        Dictionary<string, string> environment = metrics["env"]!.AsArray().ToDictionary(each => (string)each!["name"]!, each => (string?)each!["value"] ?? "pod-1", StringComparer.Ordinal);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, environment, arguments[1..]);
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_info", ("runner_name", "pod-1"), ("runner_type", "standard")), Is.EqualTo(1));
    }

    [Test]
    public async Task The_dashboard_is_copied_for_provisioning_as_its_document_says()
    {
        JsonNode provider = Examples.Json(Examples.With(Dashboard, "yaml", "providers"))!;
        Assert.That(((long)provider["apiVersion"]!, provider["providers"]!.AsArray().Count), Is.EqualTo((1L, 1)));
        JsonObject only = provider["providers"]![0]!.AsObject();
        Assert.That(only.Select(each => each.Key), Is.EquivalentTo(new[] { "name", "type", "options" }));
        Assert.That((string)only["type"]!, Is.EqualTo("file"));

        using TempFolder folder = new();
        string target = (string)only["options"]!["path"]!, command = Examples.With(Dashboard, "bash", target).Replace(target, folder.Path, StringComparison.Ordinal);
        (int exitCode, string output) = await ShellAsync(command);
        Assert.That((exitCode, output), Is.EqualTo((0, "")));
        string copied = await File.ReadAllTextAsync(Directory.GetFiles(folder.Path).Single());
        Assert.That(copied, Does.Not.Contain("${DS_"), "provisioning fills nothing in");
        JsonNode source = JsonNode.Parse(copied)!["templating"]!["list"]![0]!;
        Assert.That(((string)source["type"]!, source["current"]), Is.EqualTo(("datasource", (JsonNode?)null)), "none is chosen: Grafana takes the default one");
    }

    [Test]
    public void Both_documents_name_files_that_are_there_and_the_dashboards_panels_and_variables()
    {
        StringBuilder missing = new();
        foreach (string document in (string[])[Scraping, Dashboard])
        {
            string text = File.ReadAllText(Repository.PathOf("docs", document));
            foreach (Match match in Link().Matches(text))
            {
                string path = Path.GetFullPath(Path.Combine(Repository.PathOf("docs"), match.Groups["path"].Value));
                if (!File.Exists(path)) missing.Append(CultureInfo.InvariantCulture, $"{document}: {match.Value}\n");
            }
            foreach (Match match in Deployed().Matches(text))
            {
                string path = Repository.PathOf(match.Value);
                if (!File.Exists(path) && !Directory.Exists(path)) missing.Append(CultureInfo.InvariantCulture, $"{document}: {match.Value}\n");
            }
        }
        Assert.That(missing.ToString(), Is.Empty);
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(Repository.PathOf("deploy", "grafana", "github-runner-dashboard.json")))!;
        string setup = File.ReadAllText(Repository.PathOf("docs", Dashboard));
        int last = 0;
        foreach (JsonNode? panel in dashboard["panels"]!.AsArray())
        {
            string title = ((string)panel!["title"]!).Split(" (proxy")[0];
            int at = setup.IndexOf($"\n| {title}", last, StringComparison.Ordinal);
            Assert.That(at, Is.Positive, $"{title} stands in the document, after the panel before it");
            last = at;
        }
        foreach (JsonNode? variable in dashboard["templating"]!["list"]!.AsArray()) Assert.That(setup, Does.Contain($"`{(string)variable!["name"]!}`"));
    }

    private static Task<(int ExitCode, string Output)> CheckAsync(TempFolder folder, string configuration) =>
        ServiceProcess.RunAsync(Requires.Program("promtool", "prometheus"), ["check", "config", folder.Write("prometheus.yml", configuration)]);

    private static Task<(int ExitCode, string Output)> ShellAsync(string command) => ServiceProcess.RunAsync("/bin/bash", ["-c", $"cd '{Repository.Root}' && {command}"]);

    [GeneratedRegex(@"`promtool test rules\s[^`]+`", RegexOptions.None, 1000)]
    private static partial Regex Inline();

    [GeneratedRegex(@"\]\((?<path>[^)#:]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"deploy/[\w./-]*\w", RegexOptions.None, 1000)]
    private static partial Regex Deployed();
}
