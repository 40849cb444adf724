using CiMetrics.Testing;

namespace CiMetrics.Testing.Tests;

public sealed class KitTests
{
    [Test]
    public async Task A_real_engine_runs_a_container_and_leaves_nothing_behind()
    {
        string host;
        await using (Dockerd engine = await Dockerd.StartAsync())
        {
            host = engine.Host["unix://".Length..];
            string id = await engine.RunAsync("probe", "sleep 60");
            Assert.That(await engine.DockerAsync("ps", "-q", "--no-trunc"), Is.EqualTo(id));

            await engine.KillAsync();
            await engine.LaunchAsync();
            Assert.That(await engine.DockerAsync("images", "-q"), Is.Not.Empty);
        }

        string folder = Path.GetDirectoryName(host)!;
        Assert.That(Directory.Exists(folder), Is.False);
        Assert.That(await File.ReadAllTextAsync("/proc/self/mountinfo"), Does.Not.Contain(folder));
    }

    [Test]
    public async Task Promtool_and_the_python_parsers_tell_good_from_bad()
    {
        const string good = "# HELP a_total b\n# TYPE a_total counter\na_total{x=\"1\"} 2\n";
        Assert.That((await Promtool.CheckMetricsAsync(good)).ExitCode, Is.Zero);
        Assert.That((await Promtool.CheckMetricsAsync("a b c d\n")).ExitCode, Is.Not.Zero);
        Assert.That((await PythonParser.TextAsync(good)).Samples.Single().Number, Is.EqualTo(2));
        Assert.That((await PythonParser.OpenMetricsAsync("# TYPE a gauge\na 1\n")).Error, Does.Contain("EOF"));
    }

    [Test]
    public async Task A_real_prometheus_answers_a_query()
    {
        await using PrometheusServer server = await PrometheusServer.StartAsync("127.0.0.1:1");
        Assert.That((await server.QueryUntilAsync("up"))[0].Value, Is.Zero);
    }

    [Test]
    public async Task A_process_is_signalled_and_its_exit_code_read()
    {
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            "/bin/sh", ["-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"], line => line == "ready");
        process.Signal(Signals.Terminate);
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(7));
    }

    [Test]
    public void Manual_time_fires_timers_in_order_and_only_when_told()
    {
        ManualTime time = new();
        List<string> fired = [];
        using ITimer second = time.CreateTimer(_ => fired.Add("second"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        using ITimer first = time.CreateTimer(_ => fired.Add("first"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.That(fired, Is.Empty);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.That(fired, Is.EqualTo(new[] { "first", "second", "first" }));
    }
}
