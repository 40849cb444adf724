using System.Globalization;
using CiMetrics.RunnerExporter.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Deploy;

/// <summary>The table "Privileges" of docs/metrics/runner-exporter.md: what each privilege lets the exporter see of a real build.</summary>
[NonParallelizable]
public sealed class PrivilegeTests
{
    private const string Cpu = "bitbucket_agent_build_cpu_seconds_total";
    private const string Group = "4242";
    private TempFolder _folder = null!;
    private Dockerd _engine = null!;
    private string _program = null!;
    private (string, string)[] _labels = [];

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _engine = await Dockerd.StartAsync();
        _folder = new TempFolder();
        _program = _folder.PathOf("exporter");
        File.Copy(Published.Binary("bitbucket-runner-exporter"), _program);
        // Others may reach the program and the socket's folder; the socket itself is the group's, as Docker has it.
        foreach (string path in (string[])[_folder.Path, _program, Path.GetDirectoryName(_engine.Socket)!])
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/chgrp", [Group, _engine.Socket]);
        Assert.That(exitCode, Is.Zero, output);
        (string name, _labels) = BuildContainer.New();
        await _engine.RunAsync(name, "while :; do :; done", "--cpus", "0.1");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync();
        _folder?.Dispose();
    }

    [Test]
    public async Task A_user_of_the_docker_group_sees_what_root_sees()
    {
        await using ServiceProcess exporter = Start(out int port, "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", $"--groups={Group}", _program]);
        ScrapedText scrape = await SeenAsync(port, "cgroup");
        Assert.That(Mode(scrape), Is.EqualTo(("cgroup", "yes")));
        Assert.That(scrape.Value("bitbucket_agent_build_cpu_throttled_periods_total", _labels), Is.Not.Null);
        Assert.That(scrape.Value("bitbucket_agent_build_oom_kills_total", _labels), Is.Zero);
    }

    [Test]
    public async Task Another_user_sees_nothing_and_is_told_what_to_do()
    {
        await using ServiceProcess exporter = Start(out int port, "/usr/bin/setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", _program]);
        ScrapedText scrape = await ScrapeUntilAsync(port, scrape => scrape.Value("bitbucket_agent_errors_total", ("reason", "engine_refused")) > 0);
        Assert.That(Mode(scrape), Is.EqualTo(("none", "no")));
        Assert.That(scrape.Value("bitbucket_agent_docker_up"), Is.Zero);
        Assert.That(exporter.Log, Has.Some.Contain("usermod -aG docker"));
    }

    [Test]
    public async Task With_the_processes_of_others_hidden_the_engines_statistics_serve()
    {
        // A /proc of its own: hidepid belongs to the mount.
        string script = $"mount -t proc -o hidepid=2 proc /proc && exec /usr/bin/setpriv --reuid=65534 --regid=65534 --groups={Group} \"$@\"";
        await using ServiceProcess exporter = Start(out int port, "/usr/bin/unshare", ["--mount", "/bin/sh", "-c", script, "sh", _program]);
        Assert.That(Mode(await SeenAsync(port, "api")), Is.EqualTo(("api", "no")));
        Assert.That(exporter.Log, Has.Some.Contain("hidepid"));
    }

    [Test]
    public async Task Without_a_cgroup_mount_the_engines_statistics_serve()
    {
        using TempFolder empty = new();
        await using ServiceProcess exporter = Start(out int port, _program, ["-path.cgroupfs", empty.Path]);
        Assert.That(Mode(await SeenAsync(port, "api")), Is.EqualTo(("api", "no")));
    }

    [TestCase("--pid=host -v /sys/fs/cgroup:/host/cgroup:ro", "-path.cgroupfs=/host/cgroup", "cgroup", "yes")]
    [TestCase("-v /proc:/host/proc:ro -v /sys/fs/cgroup:/host/cgroup:ro", "-path.procfs=/host/proc -path.cgroupfs=/host/cgroup", "cgroup", "no")]
    [TestCase("-v /sys/fs/cgroup:/host/cgroup:ro", "-path.cgroupfs=/host/cgroup", "api", "no")]
    [TestCase("--pid=host", "", "api", "no")]
    [TestCase("", "", "api", "no")]
    public async Task In_a_container(string docker, string flags, string figures, string finalSample)
    {
        int port = FreePort.Next();
        string[] options = docker.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The host's libraries stand in for the image that carries them.
        string id = await _engine.DockerAsync(
            [
                "run", "-d", "--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp",
                "--user", "1654:1654", "--group-add", Group, .. options,
                "-v", $"{_engine.Socket}:/var/run/docker.sock", "-v", $"{_program}:/exporter:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro", "-v", "/usr/lib:/usr/lib:ro",
                "busybox", "/exporter", "-port", port.ToString(CultureInfo.InvariantCulture), "-bind", "127.0.0.1", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            ]);
        try
        {
            Assert.That(Mode(await SeenAsync(port, figures)), Is.EqualTo((figures, finalSample)));
        }
        finally
        {
            await TestContext.Out.WriteLineAsync(await _engine.DockerAsync("logs", id));
            await _engine.DockerAsync("rm", "-f", id);
        }
    }

    private static (string Figures, string FinalSample) Mode(ScrapedText scrape)
    {
        ScrapedSample mode = scrape.All("bitbucket_agent_mode_info").Single();
        return (mode.Labels["figures"], mode.Labels["final_sample"]);
    }

    private static async Task<ScrapedText> ScrapeUntilAsync(int port, Func<ScrapedText, bool> condition)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        return await Eventually.GetAsync(
            async () => await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{port}/metrics")) is var scrape && condition(scrape) ? scrape : null,
            "the exporter to show what it sees");
    }

    /// <summary>Waits for the build's figures and checks that they come from there.</summary>
    private async Task<ScrapedText> SeenAsync(int port, string source)
    {
        ScrapedText scrape = await ScrapeUntilAsync(port, scrape => scrape.Value(Cpu, _labels) > 0);
        Assert.That(scrape.Value("bitbucket_agent_builds_sampled", ("source", source)), Is.EqualTo(1));
        return scrape;
    }

    private ServiceProcess Start(out int port, string program, string[] arguments)
    {
        port = FreePort.Next();
        return ServiceProcess.Start(
            program, [.. arguments, "-port", port.ToString(CultureInfo.InvariantCulture), "-bind", "127.0.0.1"], new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_HOST"] = _engine.Host });
    }
}
