using System.Text.RegularExpressions;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Images.Tests.Bases;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Compose;

/// <summary><c>deploy/compose</c> as a user starts it, on the images of all Dockerfiles.</summary>
[NonParallelizable]
public sealed class ComposeTests
{
    private const string Prometheus = "prometheus-stand-in";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static string Main => Repository.PathOf("deploy", "compose", "docker-compose.yml");

    private static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Repository.PathOf("deploy", "compose"), "docker-compose*.yml", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Files))]
    public async Task Compose_finds_nothing_wrong_with_it(string file)
    {
        (int exitCode, string output) = await RunAsync(Repository.PathOf(file), new(StringComparer.Ordinal), "--profile", "all", "--profile", "monitoring", "config", "-q");
        Assert.That((exitCode, output), Is.EqualTo((0, "")));

        using TempFolder folder = new();
        string wrong = folder.Write("docker-compose.yml", (await File.ReadAllTextAsync(Repository.PathOf(file))).Replace("restart:", "restarts:", StringComparison.Ordinal));
        (exitCode, output) = await RunAsync(wrong, new(StringComparer.Ordinal), "config", "-q");
        Assert.That((exitCode, output), Is.Not.EqualTo((0, "")), "it would have been said");
    }

    [Test]
    public async Task The_example_of_variables_names_each_of_them_with_its_default()
    {
        string[] used = [.. (await File.ReadAllTextAsync(Main)).Split("${").Skip(1).Select(part => part.Split('}')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] named = [.. (await File.ReadAllLinesAsync(Repository.PathOf("deploy", "compose", ".env.example")))
            .Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#'))
            .Select(line => line.Replace("=", ":-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.That(named, Is.EqualTo(used));
    }

    [Test]
    public async Task Every_service_is_started_with_as_little_as_its_image_is_tested_with()
    {
        string config = await SucceedAsync(new(StringComparer.Ordinal), "--profile", "all", "config");
        foreach (string setting in (string[])["^    read_only: true$", @"^    cap_drop:\n\s+- ALL$", @"^\s+- no-new-privileges:true$", @"^    tmpfs:\n\s+- /tmp$"])
            Assert.That(Regex.Count(config, setting, RegexOptions.Multiline, TimeSpan.FromSeconds(1)), Is.EqualTo(ServiceImage.All.Count), setting);
    }

    /// <summary>A runner's process is found by the path of its program, and would be taken for one that does not run.</summary>
    [Test]
    public async Task The_folder_of_a_GitHub_runner_has_the_path_that_it_has_on_the_host()
    {
        string config = await SucceedAsync(new(StringComparer.Ordinal) { ["GITHUB_RUNNER_DIR"] = "/srv/runner" }, "--profile", "github-runner-metrics", "config");
        Assert.That(config, Does.Contain("--runner-dir=/srv/runner"));
        Assert.That(config.Split("/srv/runner"), Has.Length.EqualTo(1 + 3), "as an argument, and as source and target of the mount");
    }

    [Test]
    public async Task It_starts_every_service_and_Prometheus_scrapes_them()
    {
        foreach (ServiceImage image in ServiceImage.All) await Workshop.BuildAsync(image);
        await ImportPrometheusAsync();
        using TempFolder folder = new();
        Dictionary<string, string> variables = await PrepareAsync(folder);
        string[] project = ["-p", "suite", "--profile", "all", "--profile", "monitoring"];
        try
        {
            string[] services = [.. (await SucceedAsync(variables, [.. project, "config", "--services"])).Split('\n').Where(name => name is not "grafana")];
            Assert.That(services, Has.Length.EqualTo(ServiceImage.All.Count + 1));
            await SucceedAsync(variables, [.. project, "up", "-d", "--no-build", .. services]);
            folder.Write("jobs/1.json", """{"name":"dotnet_build","project":"shop","status":"success","started":"2026-11-26T10:00:00Z","finished":"2026-11-26T10:01:00Z","id":"1"}""");

            using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{variables["PROMETHEUS_PORT"]}") };
            // There is no Spacelift to ask: its exporter answers, and says so by failing the scrape.
            string[] expected = ["alloy-runner-metrics", "bitbucket-runner-exporter", "ci-receiver", "ci-sidecar", "github-runner", "prometheus"];
            await Eventually.TrueAsync(async () => (await UpAsync(client)).SequenceEqual(expected), "Prometheus to reach every service", Patience);
            await Eventually.TrueAsync(
                async () => (await AskAsync(client, "ci_dotnet_build_total")).Contains("\"project\":\"shop\"", StringComparison.Ordinal), "the job in the folder to be counted", Patience);
            await Eventually.TrueAsync(async () => (await AskAsync(client, "github_runner_jobs_total{status=\"success\"}")).Contains(",\"1\"]", StringComparison.Ordinal), "github_runner_jobs_total to be 1", Patience);
            await Eventually.TrueAsync(async () => (await AskAsync(client, "runner_jobs_started_total")).Contains(",\"1\"]", StringComparison.Ordinal), "runner_jobs_started_total to be 1", Patience);
            await Eventually.TrueAsync(async () => (await AskAsync(client, "bitbucket_agent_docker_up")).Contains(",\"1\"]", StringComparison.Ordinal), "bitbucket_agent_docker_up to be 1", Patience);
            await Eventually.TrueAsync(
                async () => (await Workshop.Engine.DockerAsync("ps", "--filter", "health=healthy", "-q")).Split('\n').Length == ServiceImage.All.Count, "every container to be healthy", Patience);
        }
        catch (AssertionException)
        {
            await TestContext.Out.WriteLineAsync(await SucceedAsync(variables, [.. project, "ps"]));
            await TestContext.Out.WriteLineAsync(await SucceedAsync(variables, [.. project, "logs", "--no-color", "--tail", "40"]));
            throw;
        }
        finally
        {
            await SucceedAsync(variables, [.. project, "down", "-v", "-t", "20"]);
        }
    }

    // What stands on a host: a folder for jobs, a runner of each kind, a secret.
    private static async Task<Dictionary<string, string>> PrepareAsync(TempFolder folder)
    {
        const UnixFileMode Readable = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(folder.Path, Readable);
        File.SetUnixFileMode(Directory.CreateDirectory(folder.PathOf("jobs")).FullName, (UnixFileMode)0b111_111_111);
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        DateTimeOffset start = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        runner.Start(start);
        runner.Run(new SimulatedJob(), start.AddSeconds(1), start.AddSeconds(2));
        folder.Write("alloy/config.toml", "concurrent = 1\n");
        folder.Write("alloy/runner.log", "Checking for jobs... received                      job=1 repo_url=http://ci.example/p.git runner=shelltok\n");
        folder.Write("secret", "secret\n");
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOCKER_SOCKET"] = Workshop.Engine.Socket,
            ["DOCKER_GID"] = (await ServiceProcess.RunAsync("/usr/bin/stat", ["-c", "%g", Workshop.Engine.Socket])).Output.Trim(),
            ["SPACELIFT_PROMEX_API_ENDPOINT"] = "http://127.0.0.1:9",
            ["SPACELIFT_PROMEX_API_KEY_ID"] = "id",
            ["SPACELIFT_SECRET_FILE"] = folder.PathOf("secret"),
            ["JOBS_DIR"] = folder.PathOf("jobs"),
            ["ALLOY_RUNNER_CONFIG_DIR"] = folder.PathOf("alloy"),
            ["ALLOY_RUNNER_LOG_DIR"] = folder.PathOf("alloy"),
            ["GITHUB_RUNNER_DIR"] = runner.Folder,
            ["RUNNER_EXPORTER_PORT"] = $"{FreePort.Next()}",
            ["SPACELIFT_PROMEX_PORT"] = $"{FreePort.Next()}",
            ["RECEIVER_PORT"] = $"{FreePort.Next()}",
            ["ALLOY_RUNNER_METRICS_PORT"] = $"{FreePort.Next()}",
            ["GITHUB_RUNNER_METRICS_PORT"] = $"{FreePort.Next()}",
            ["PROMETHEUS_PORT"] = $"{FreePort.Next()}",
            ["PROMETHEUS_IMAGE"] = Prometheus,
        };
    }

    // The public image cannot be pulled everywhere: the machine's own program in its place.
    private static async Task ImportPrometheusAsync()
    {
        using TempFolder folder = new();
        string root = Directory.CreateDirectory(folder.PathOf("root", "bin")).Parent!.FullName;
        File.Copy(Requires.Program("prometheus", "prometheus"), Path.Combine(root, "bin", "prometheus"));
        await RuntimeStandIn.UnpackAsync(root);
        await Tool.RunAsync("tar", "--numeric-owner", "-C", root, "-cf", folder.PathOf("image.tar"), ".");
        await Workshop.Engine.DockerAsync("import", "-c", "ENTRYPOINT [\"/bin/prometheus\"]", folder.PathOf("image.tar"), Prometheus);
    }

    private static async Task<string[]> UpAsync(HttpClient client)
    {
        string answer = await AskAsync(client, "up==1");
        return [.. answer.Split("\"job\":\"").Skip(1).Select(part => part.Split('"')[0]).Order(StringComparer.Ordinal)];
    }

    private static async Task<string> AskAsync(HttpClient client, string query)
    {
        try
        {
            return await client.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative));
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static async Task<string> SucceedAsync(Dictionary<string, string> variables, params string[] arguments)
    {
        (int exitCode, string output) = await RunAsync(Main, variables, arguments);
        return exitCode == 0 ? output : throw new AssertionException($"docker-compose {string.Join(' ', arguments)}: {output}");
    }

    private static Task<(int ExitCode, string Output)> RunAsync(string file, Dictionary<string, string> variables, params string[] arguments) =>
        ServiceProcess.RunAsync(
            Requires.Program("docker-compose", "docker-compose"), ["-f", file, .. arguments],
            new Dictionary<string, string>(variables, StringComparer.Ordinal) { ["DOCKER_HOST"] = Workshop.Engine.Host }, Patience);
}
