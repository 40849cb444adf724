using System.Globalization;
using System.Text.RegularExpressions;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>The sample of the users' document, from a log and a process that are as they were when it was taken.</summary>
public sealed partial class UsersDocumentTests
{
    [Test]
    public async Task The_sample_comes_out()
    {
        using TempFolder folder = new();
        await using FakeRunner runner = await FakeRunner.StartAsync();
        folder.Write("config.toml", "concurrent = 4\n[[runners]]\n  name = \"shell\"\n  token = \"shelltok0123456789\"\n  executor = \"docker+machine\"\n");
        folder.Write("runner.log",
            "Starting multi-runner from /etc/alloy-runner/config.toml ...  builds=0\n"
            + "Checking for jobs... received                       job=1 repo_url=http://ci/x.git runner=shelltok\n");
        await using Observer observer = await Observer.StartAsync(folder, runner.Pid);
        ScrapedText scrape = await observer.ScrapeUntilAsync(text => text.Value("ci_runner_version_info") == 1 && text.Value("runner_up") == 1, "the runner and its version");

        // The document's figures of the process are those of another machine; the golden file has their names, types and texts.
        string shown = string.Join('\n', scrape.Text.Split('\n').Where(line => Document().IsMatch(line)).Select(line => line.StartsWith("process_", StringComparison.Ordinal) ? line.Split(' ')[0] + " #" : line));
        Golden.Check(shown + "\n", "document.golden");
        Assert.That(scrape.Value("process_resident_memory_bytes"), Is.InRange(500_000, 100_000_000));
        Assert.That(scrape.Value("process_start_time_seconds"), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(120));
        Assert.That(scrape.Text, Does.Not.Contain("\ngo_").And.Contain("\nexporter_process_").And.Contain("\ndotnet_"));

        await runner.KillAsync();
        scrape = await observer.ScrapeUntilAsync(text => text.Value("runner_up") == 0, "the runner to be gone");
        Assert.That(scrape.Samples.Where(sample => sample.Name.StartsWith("process_", StringComparison.Ordinal)), Is.Empty);
        Assert.That(scrape.All("ci_runner_version_info"), Is.Empty);
        Assert.That(scrape.All("ci_runner_builds"), Is.Empty);
    }

    /// <summary>Every metric of the document, except that of the Go runtime, which we do not have, is there with its words.</summary>
    [Test]
    public void The_golden_file_has_every_metric_of_the_document()
    {
        string golden = File.ReadAllText(Repository.PathOf("services", "runner-metrics", "alloy", "tests", "EndToEnd", "document.golden"));
        foreach (string line in DocumentLines.Split('\n', StringSplitOptions.RemoveEmptyEntries)) Assert.That(golden, Does.Contain(line + "\n"));
    }

    [TestCase("METRICS_SERVER")]
    [TestCase("ALLOY_RUNNER_METRICS__METRICS_SERVER")]
    public async Task The_address_may_come_from_the_environment(string variable)
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Observer.Binary, ["run", "--config", folder.PathOf("config.toml"), "--log-file", folder.PathOf("log"), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Listening", StringComparison.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal) { [variable] = $"127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}" });
        Assert.That(process.Log, Has.Some.Contains($"http://127.0.0.1:{port}"));
    }

    [Test]
    public async Task The_address_may_come_from_a_config_of_our_own_and_the_flag_goes_over_it()
    {
        using TempFolder folder = new();
        int port = FreePort.Next(), other = FreePort.Next();
        string own = folder.Write("own.toml", $"metrics_server = \"127.0.0.1:{port}\"\n");
        string[] arguments = ["run", "--own-config", own, "--config", folder.PathOf("config.toml"), "--log-file", folder.PathOf("log"), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"];
        await using (ServiceProcess process = await ServiceProcess.StartAsync(Observer.Binary, arguments, line => line.Contains("Listening", StringComparison.Ordinal)))
            Assert.That(process.Log, Has.Some.Contains($"http://127.0.0.1:{port}"));
        await using (ServiceProcess process = await ServiceProcess.StartAsync(Observer.Binary, [.. arguments, "--metrics-server", $"127.0.0.1:{other}"], line => line.Contains("Listening", StringComparison.Ordinal)))
            Assert.That(process.Log, Has.Some.Contains($"http://127.0.0.1:{other}"));

        (int exitCode, string output) = await ServiceProcess.RunAsync(Observer.Binary, ["run", "--own-config", folder.Write("bad.toml", "metrics_server = :9252\n")]);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain("line 1, column 18"));
    }

    [Test]
    public async Task An_empty_address_is_no_server()
    {
        using TempFolder folder = new();
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Observer.Binary, ["run", "--metrics-server", "", "--config", folder.PathOf("config.toml"), "--log-file", folder.Write("log", ""), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Reading the runner's log", StringComparison.Ordinal));
        await Task.Delay(500);
        Assert.That(process.Log, Has.None.Contains("Listening"));
        process.Signal(Signals.Terminate);
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
    }

    [Test]
    public async Task An_unusable_address_is_an_error_of_ours()
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(Observer.Binary, ["run", "--metrics-server", "localhost:no-such-port"]);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain("--metrics-server").And.Contain("localhost:no-such-port").And.Contain("[host]:port"));
    }

    [Test]
    public async Task Where_the_runner_is_to_listen_we_do_not_and_say_so()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        string config = folder.Write("config.toml", $"metrics_server = \"localhost:{port}\"\n");
        string[] arguments = ["run", "--config", config, "--metrics-server", $":{port}", "--log-file", folder.PathOf("log"), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"];
        (int exitCode, string output) = await ServiceProcess.RunAsync(Observer.Binary, arguments);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Contain("the observed runner itself").And.Contain("another address").And.Not.Contain("Listening"));

        // Also a runner that was told so on its command line, and one whose configuration says so later.
        await using FakeRunner runner = await FakeRunner.StartAsync("--metrics-server", $"127.0.0.1:{port}");
        folder.Write("config.toml", "concurrent = 1\n");
        (exitCode, output) = await ServiceProcess.RunAsync(Observer.Binary, [.. arguments, "--pid-file", folder.Write("pid", $"{runner.Pid}")]);
        Assert.That((exitCode, output.Contains("command line", StringComparison.Ordinal)), Is.EqualTo((1, true)), output);

        await using ServiceProcess process = await ServiceProcess.StartAsync(Observer.Binary, arguments, line => line.Contains("Listening", StringComparison.Ordinal));
        folder.Write("config.toml", $"metrics_server = \":{port}\"\n");
        process.Signal(Signals.HangUp);
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(1));
        Assert.That(string.Join('\n', process.Log), Does.Contain("the observed runner itself"));
    }

    [GeneratedRegex("^(# (HELP|TYPE) )?(ci|process)_", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Document();

    private const string DocumentLines = """
        # HELP ci_docker_machines The total number of machines created.
        # TYPE ci_docker_machines counter
        ci_docker_machines{type="created"} 0
        ci_docker_machines{type="removed"} 0
        ci_docker_machines{type="used"} 0
        # HELP ci_docker_machines_provider The current number of machines in given state.
        # TYPE ci_docker_machines_provider gauge
        ci_docker_machines_provider{state="acquired"} 0
        ci_docker_machines_provider{state="creating"} 0
        ci_docker_machines_provider{state="idle"} 0
        ci_docker_machines_provider{state="removing"} 0
        ci_docker_machines_provider{state="used"} 0
        # HELP ci_runner_builds The current number of running builds.
        # TYPE ci_runner_builds gauge
        # HELP ci_runner_version_info A metric with a constant '1' value labeled by different build stats fields.
        # TYPE ci_runner_version_info gauge
        ci_runner_version_info{architecture="amd64",branch="rename-to-alloy-runner",built_at="2017-09-11 15:30:31 +0000 +0000",go_version="go1.8.3",name="alloy-runner",os="linux",revision="35e724fa",version="10.0.0~beta.28.g35e724fa"} 1
        # HELP ci_ssh_docker_machines The total number of machines created.
        # TYPE ci_ssh_docker_machines counter
        ci_ssh_docker_machines{type="created"} 0
        ci_ssh_docker_machines{type="removed"} 0
        ci_ssh_docker_machines{type="used"} 0
        # HELP ci_ssh_docker_machines_provider The current number of machines in given state.
        # TYPE ci_ssh_docker_machines_provider gauge
        ci_ssh_docker_machines_provider{state="acquired"} 0
        ci_ssh_docker_machines_provider{state="creating"} 0
        ci_ssh_docker_machines_provider{state="idle"} 0
        ci_ssh_docker_machines_provider{state="removing"} 0
        ci_ssh_docker_machines_provider{state="used"} 0
        # HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
        # TYPE process_cpu_seconds_total counter
        # HELP process_max_fds Maximum number of open file descriptors.
        # TYPE process_max_fds gauge
        # HELP process_open_fds Number of open file descriptors.
        # TYPE process_open_fds gauge
        # HELP process_resident_memory_bytes Resident memory size in bytes.
        # TYPE process_resident_memory_bytes gauge
        # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
        # TYPE process_start_time_seconds gauge
        # HELP process_virtual_memory_bytes Virtual memory size in bytes.
        # TYPE process_virtual_memory_bytes gauge
        """;
}
