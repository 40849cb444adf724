using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Dashboards.Tests;

/// <summary>
/// All published services beside their simulators, and a real Prometheus with the example configuration and its rules. First
/// everything is seen at rest, so that counters have a beginning; then things happen; then it is still again, and what
/// Prometheus answers does not change any more but by the clock.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    public const string FirstRunner = "11111111-1111-4111-8111-111111111111";
    public const string SecondRunner = "22222222-2222-4222-8222-222222222222";

    // All depends on it: a slow machine gets the time that it needs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private const string Secret = "webhook-s3cret";
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);
    private PrometheusServer? _prometheus;
    private int _alloyJobs;

    public PrometheusServer Prometheus => _prometheus ?? throw new InvalidOperationException("it has not started");

    /// <summary>Starts it, lets things happen, and waits until Prometheus has seen all of them.</summary>
    public static async Task<Scene> PlayAsync()
    {
        Scene scene = new();
        try
        {
            await scene.RunAsync();
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a service says itself.</summary>
    public Task<ScrapedText> ScrapeAsync(string job) => ScrapedText.GetAsync(Client, Url(job, "/metrics"));

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable each in Enumerable.Reverse(_running)) await each.DisposeAsync();
        _folder.Dispose();
    }

    private async Task RunAsync()
    {
        DockerSimulator docker = Keep(await DockerSimulator.StartAsync(_folder.PathOf("docker.sock"), new SimulatorOptions()));
        await StartAsync("bitbucket-runner-exporter", "bitbucket-runner-exporter", port => ["-port", $"{port}", "-bind", "127.0.0.1", "-sample-interval", "500ms"], ("DOCKER_HOST", $"unix://{_folder.PathOf("docker.sock")}"));

        FakeSpacelift spacelift = Keep(await FakeSpacelift.StartAsync());
        spacelift.Account = Account;
        await StartAsync("spacelift-promex", "spacelift-promex", port =>
            ["serve", "-e", spacelift.Url, "-k", "key", "-s", spacelift.Secret, "-l", $"127.0.0.1:{port}", "--min-refresh=0", "--max-calls-per-hour=100000", "--webhook-secret-file", _folder.Write("secret", Secret)]);

        ServiceProcess story = Simulate("CiMetrics.AlloyRunner.Simulator", _folder.PathOf("alloy"));
        await Eventually.TrueAsync(() => File.Exists(_folder.PathOf("alloy/runner.log")), "the simulated runner's log", Patience);
        ServiceProcess runner = Keep(ServiceProcess.Start(AlloyRunner(), ["run"]));
        await StartAsync("alloy-runner-metrics", "alloy-runner-metrics", port =>
        [
            "run", "--config", _folder.PathOf("alloy/config.toml"), "--metrics-server", $"127.0.0.1:{port}", "--state-dir", _folder.PathOf("alloy-state"), "--machine-store", _folder.PathOf("alloy/machine"),
            "--log-file", _folder.PathOf("alloy/runner.log"), "--pid-file", _folder.Write("runner.pid", $"{runner.Pid}\n"),
        ]);

        SimulatedRunner github = new(_folder.PathOf("github"), "runner-1");
        github.Start(DateTimeOffset.UtcNow);
        (string program, string[] arguments) = SimulatedListener.Prepare(github);
        Keep(ServiceProcess.Start(program, arguments));
        await StartAsync("github-runner", "github-runner-metrics", port => ["serve", $"--web.listen-address=127.0.0.1:{port}", "--runner-dir", github.Folder, "--state-dir", _folder.PathOf("github-state"), "--process-interval=200ms"]);

        await StartAsync("ci-receiver", "receiver", port => [$"--web.listen-address=127.0.0.1:{port}", "--data-dir", _folder.PathOf("receiver")]);
        Directory.CreateDirectory(_folder.PathOf("jobs"));
        await StartAsync("ci-sidecar", "exporter", port => [_folder.PathOf("jobs") + "/", $"127.0.0.1:{_ports["ci-receiver"]}", "--spool-dir", _folder.PathOf("spool"), $"--listen=127.0.0.1:{port}"]);

        // At rest: what is counted later has a beginning.
        string[] running = [.. Enumerable.Range(0, 5).Select(i => Begin(docker, i % 2 == 0 ? FirstRunner : SecondRunner, i))];
        await SendRunAsync("FINISHED", 60);
        foreach (string template in (string[])["dotnet_build", "helm_restore"])
        {
            foreach (string project in (string[])["shop/web", "shop/api"])
            {
                foreach (string status in (string[])["success", "failed"]) await SendJobAsync(template, project, status, 90);
            }
        }

        await Eventually.TrueAsync(async () => await ScrapeAsync("alloy-runner-metrics") is var seen && seen.All("ci_docker_machines").Count(sample => sample.Value > 0) == 3, "machines that come and go", Patience);
        await StopAsync(story);
        // One that goes on, whatever the story left: without any job there is no series of running ones.
        File.AppendAllText(_folder.PathOf("alloy/runner.log"), "Checking for jobs... received  job=9000 repo_url=http://ci.example.com/group/project.git runner=simulat0\n");
        foreach (string end in AlloyEnds) RunAlloyJob(end);
        await Eventually.TrueAsync(async () => await FinishedAsync() == File.ReadLines(_folder.PathOf("alloy/runner.log")).Count(AlloyJobEnds), "the jobs that end at rest", Patience);
        _prometheus = Keep(await PrometheusServer.StartWithAsync(Configuration()));
        await UntilAsync($"count(count_over_time(up[5m]) >= 4 and up == 1) == {_ports.Count}");
        await UntilAsync("count(count_over_time(ci_template:jobs_total[5m]) >= 3) >= 8 and on() count(count_over_time(bitbucket_agent_runner_builds_finished_total[5m]) >= 3) > 0");

        // 20 builds of CI templates: 12 succeed in 100 s, 4 fail in 200 s, four are another's; one is told twice, two are none.
        for (int i = 0; i < 12; i++) await SendJobAsync("dotnet_build", "shop/web", "success", 100);
        for (int i = 0; i < 4; i++) await SendJobAsync("dotnet_build", "shop/api", "failed", 200);
        for (int i = 0; i < 4; i++) await SendJobAsync("helm_restore", "shop/web", "success", 30);
        await SendJobAsync("helm_restore", "shop/web", "success", 30, "told-twice");
        await SendJobAsync("helm_restore", "shop/web", "success", 30, "told-twice");
        Assert.That((int)(await Client.PostAsync(Url("ci-receiver", "/steps"), new StringContent("no event", Encoding.UTF8, "application/json"))).StatusCode, Is.EqualTo(400));

        docker.StopContainer(running[0]);
        docker.StopContainer(running[4]);
        docker.StopContainer(running[1], 1);
        docker.OutOfMemory(running[2]);
        docker.StopContainer(running[2], 137);
        for (int i = 0; i < 3; i++) await SendRunAsync("FINISHED", 60);
        await SendRunAsync("FAILED", 240);

        DateTimeOffset now = DateTimeOffset.UtcNow;
        for (int i = 0; i < 8; i++) github.Run(new SimulatedJob(), now.AddSeconds(-900 + (100 * i)), now.AddSeconds(-840 + (100 * i)), i < 6 ? "Succeeded" : "Failed");
        using (SimulatedStep step = new(github)) step.Print("##[group]Run actions/cache@v4", "with:", "  path: ~/.npm", "  key: k", "##[endgroup]", "Cache restored from key: k");

        for (int i = 0; i < 5; i++) RunAlloyJob(AlloyEnds[0]);
        foreach (string end in (string[])[.. AlloyEnds, AlloyEnds[1]]) RunAlloyJob(end);

        ServiceProcess scripts = Simulate("CiMetrics.Sidecar.Simulator", _folder.PathOf("jobs"));
        await UntilAsync("sum(ci_sidecar_events_total) >= 3");
        await StopAsync(scripts);
        await SettleAsync();
    }

    // Every counter is in Prometheus as the services have it, twice over, and nothing waits.
    private async Task SettleAsync()
    {
        await UntilAsync("sum(ci_sidecar_spool_events) == 0 and sum(runner_log_lag_bytes) == 0 and sum(github_runner_jobs_total) == 8 and sum(bitbucket_agent_runner_builds_finished_total) == 4 and sum(spacelift_webhook_run_states_total) == 5 and sum(increase(runner_jobs_finished_total[5m])) > 10.9");
        foreach (string total in (string[])["ci_template:jobs_total", "ci_sidecar_files_total", "receiver_events_total", "runner_jobs_finished_total", "runner_jobs_started_total", "runner_log_lines_total"])
        {
            await Eventually.TrueAsync(
                async () => await Prometheus.QueryAsync($"sum({total})") is [var sum] && await Prometheus.QueryAsync($"sum({total} offset 2s)") is [var before] && sum.Value == before.Value,
                $"{total} to stand still",
                Patience);
        }
    }

    // As the runner words it: one of each result.
    private static string[] AlloyEnds { get; } =
    [
        "Job succeeded", "WARNING: Job failed: exit status 1", "WARNING: Job failed: canceled", "WARNING: Job failed: execution took longer than 1h0m0s seconds", "ERROR: Job failed (system failure): dial tcp: connection refused",
    ];

    private static async Task StopAsync(ServiceProcess simulator)
    {
        simulator.Signal(Signals.Terminate);
        Assert.That(await simulator.WaitForExitAsync(), Is.Zero);
    }

    private static bool AlloyJobEnds(string line) => line.Contains("Job succeeded", StringComparison.Ordinal) || line.Contains("Job failed", StringComparison.Ordinal);

    private async Task<double> FinishedAsync() => (await ScrapeAsync("alloy-runner-metrics")).All("runner_jobs_finished_total").Sum(sample => sample.Value);

    private void RunAlloyJob(string end)
    {
        int job = 9000 + ++_alloyJobs;
        File.AppendAllText(_folder.PathOf("alloy/runner.log"), $"Checking for jobs... received  job={job} repo_url=http://ci.example.com/group/project.git runner=simulat0\n{end}  job={job} project=7 runner=simulat0\n");
    }

    private async Task UntilAsync(string query) => await Prometheus.QueryUntilAsync(query, Patience);

    private static FakeAccount Account => new()
    {
        Stacks =
        [
            new FakeStack("prod", "prod", "root", "FINISHED", Ok: 45, Drifted: 2),
            new FakeStack("staging", "staging", "root", "FAILED", Ok: 5),
            new FakeStack("api", "api", "engineering", "UNCONFIRMED", Ok: 23, LockedBy: "somebody"),
            new FakeStack("web", "web", "engineering", "FINISHED", Ok: 5),
        ],
        Period = (DateTimeOffset.UtcNow.AddDays(-10).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddDays(20).ToUnixTimeSeconds()),
    };

    private static string Begin(DockerSimulator docker, string runner, int number) => docker.StartContainer($"{runner}_{number:D8}-0000-4000-8000-000000000000_build", settings =>
    {
        settings.CpuQuota = 400_000;
        settings.Memory = 4L << 30;
        settings.Figures = new Workload { Cores = 2, ThrottledShare = 0.1, MemoryFloor = 1L << 30, MemoryPeak = 1L << 30 }.At;
    });

    private async Task SendJobAsync(string name, string project, string status, int seconds, string? id = null)
    {
        DateTimeOffset finished = DateTimeOffset.UtcNow;
        using HttpResponseMessage answer = await Client.PostAsJsonAsync(Url("ci-receiver", "/steps"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = id ?? Guid.NewGuid().ToString(),
            ["name"] = name,
            ["project"] = project,
            ["status"] = status,
            ["started"] = finished.AddSeconds(-seconds).ToString("O", CultureInfo.InvariantCulture),
            ["finished"] = finished.ToString("O", CultureInfo.InvariantCulture),
        });
        answer.EnsureSuccessStatusCode();
    }

    private async Task SendRunAsync(string state, int seconds)
    {
        string body = $$$"""{"account":"a","state":"{{{state}}}","stateVersion":5,"timestamp":{{{1_700_000_000 + seconds}}},"run":{"id":"{{{Guid.NewGuid():N}}}","type":"TRACKED","createdAt":1700000000},"stack":{"id":"prod"}}""";
        using HttpRequestMessage request = new(HttpMethod.Post, Url("spacelift-promex", "/webhook")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Signature-256", "sha256=" + Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body))).ToLowerInvariant());
        using HttpResponseMessage answer = await Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    private async Task StartAsync(string job, string command, Func<int, string[]> arguments, params (string Name, string Value)[] environment)
    {
        int port = _ports[job] = FreePort.Next();
        Keep(ServiceProcess.Start(Published.Binary(command), arguments(port), environment.ToDictionary(StringComparer.Ordinal)));
        await Eventually.TrueAsync(async () => (await Client.GetAsync(Url(job, "/-/healthy"))).IsSuccessStatusCode, $"{command} to be healthy", Patience);
    }

    private ServiceProcess Simulate(string simulator, string argument) => Keep(ServiceProcess.Start(Path.Combine(AppContext.BaseDirectory, simulator), [argument]));

    // A process with a runner's answers; its log is the simulator's.
    private string AlloyRunner()
    {
        string program = _folder.Write("bin/alloy-runner.sh", "#!/bin/bash\nif [ \"$1\" = --version ]; then printf 'Version:      10.0.0\\nGit revision: 35e724fa\\nGit branch:   master\\nGO version:   go1.8.3\\nBuilt:        2017-09-11 15:30:31 +0000 +0000\\nOS/Arch:      linux/amd64\\n'; exit; fi\n/bin/sleep 600\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string runner = _folder.PathOf("bin/alloy-runner");
        File.Move(program, runner);
        return runner;
    }

    // The example's jobs at our ports, every second, and one that is none of ours and down.
    private string Configuration()
    {
        string folder = Repository.PathOf("deploy", "prometheus");
        string text = File.ReadAllText(Path.Combine(folder, "prometheus.yml"))
            .Replace("_interval: 30s", "_interval: 1s", StringComparison.Ordinal)
            .Replace("scrape_timeout: 20s", "scrape_timeout: 1s", StringComparison.Ordinal)
            .Replace("\"*-", $"\"{folder}/*-", StringComparison.Ordinal);
        foreach ((string job, string target) in Targets)
        {
            Assert.That(text, Does.Contain($"- job_name: {job}\n").And.Contain($"[\"{target}\"]"));
            text = text.Replace($"[\"{target}\"]", $"[\"127.0.0.1:{_ports[job]}\"]", StringComparison.Ordinal);
        }

        return text + "\n  - job_name: elsewhere\n    static_configs:\n      - targets: [\"127.0.0.1:1\"]\n";
    }

    private static (string Job, string Target)[] Targets { get; } =
    [
        ("bitbucket-runner-exporter", "localhost:8080"), ("spacelift-promex", "localhost:9953"), ("alloy-runner-metrics", "localhost:9252"),
        ("github-runner", "localhost:9091"), ("ci-receiver", "localhost:80"), ("ci-sidecar", "localhost:9100"),
    ];

    private Uri Url(string job, string path) => new($"http://127.0.0.1:{_ports[job]}{path}");

    private T Keep<T>(T each)
        where T : IAsyncDisposable
    {
        _running.Add(each);
        return each;
    }
}
