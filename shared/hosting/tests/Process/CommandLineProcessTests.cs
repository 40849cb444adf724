using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class CommandLineProcessTests
{
    [TestCase("--help")]
    [TestCase("-help")]
    [TestCase("-h")]
    [TestCase("help")]
    [TestCase("--prot 1 --help")]
    public async Task Help_is_shown_and_nothing_else_done(string arguments)
    {
        await using var process = ServiceProcess.Start(Sample.Program, arguments.Split(' '));
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
        Golden.Check(process.StandardOutput + "\n", "help.golden");
    }

    [TestCase("--version")]
    [TestCase("-version")]
    [TestCase("-v")]
    public async Task The_version_is_shown_and_nothing_else_done(string arguments)
    {
        var (exitCode, output) = await Sample.RunAsync(arguments.Split(' '));
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Is.EqualTo("hosting-sample version 1.2.3\n  revision: abcdef0\n  .NET: " + Environment.Version));
    }

    [TestCase("-port {0} -bind 127.0.0.1")]
    [TestCase("--port={0} --bind=127.0.0.1")]
    [TestCase("-p {0} --bind 127.0.0.1")]
    [TestCase("--web.listen-address 127.0.0.1:{0} --port 1")]
    [TestCase("--web.listen-address=localhost:{0}")]
    [TestCase("-web.listen-address=:{0}")]
    [TestCase("-bind :: -port {0}")]
    public async Task The_address_can_be_given_in_every_form(string arguments)
    {
        var port = FreePort.Next();
        await using var process = await ServiceProcess.StartAsync(Sample.Program, string.Format(arguments, port).Split(' '), Sample.IsListening);
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health")), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task IPv6_is_listened_on_without_brackets()
    {
        var port = FreePort.Next();
        await using var process = await ServiceProcess.StartAsync(Sample.Program, ["-bind", "::1", "-port", $"{port}"], Sample.IsListening);
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(new Uri($"http://[::1]:{port}/health")), Is.EqualTo("OK\n"));
    }

    [Test]
    public async Task The_spec_s_configuration_file_works()
    {
        using var folder = new TempFolder();
        var port = FreePort.Next();
        var path = folder.Write("config.yml", $"""
            bind: 0.0.0.0
            port: {port}
            labels:
              environment: production
              region: us-west-2
              size: large
              platform: linux/amd64
            """);
        await using var process = await ServiceProcess.StartAsync(
            Sample.Program, ["-config-file", path, "-extra-label", "size=small", "-extra-label", "team=a \"b\""], Sample.IsListening);
        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        Assert.That(metrics, Does.Contain(
            "sample_workers{sample_id=\"a\",environment=\"production\",platform=\"linux/amd64\",region=\"us-west-2\",size=\"small\",team=\"a \\\"b\\\"\"} 4\n"));
        Assert.That(await Promtool.CheckMetricsAsync(metrics), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task The_environment_can_name_the_configuration_file()
    {
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOSTING_SAMPLE__CONFIG_FILE"] = folder.Write("c.yml", "port: x"),
        };
        await using var process = ServiceProcess.Start(Sample.Program, [], environment);
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(process.Log, Has.Some.Contains("c.yml:1:7: port: must be"));
    }

    [Test]
    public async Task Environment_variables_are_read_and_the_flag_wins()
    {
        var port = FreePort.Next();
        await using var process = await ServiceProcess.StartAsync(
            Sample.Program,
            ["--workers", "5"],
            Sample.IsListening,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["HOSTING_SAMPLE__WEB_LISTEN_ADDRESS"] = $"127.0.0.1:{port}",
                ["HOSTING_SAMPLE__WORKERS"] = "6",
                ["HOSTING_SAMPLE__EXTRA_LABEL"] = "a=b,c=d",
                ["SAMPLE_INTERVAL"] = "1m1s",
                // What Kubernetes sets for a Service of the program's name.
                ["HOSTING_SAMPLE_PORT"] = "tcp://10.0.0.1:80",
            });
        using var client = new HttpClient();
        Assert.That(
            await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")),
            Does.Contain("sample_workers{sample_id=\"a\",a=\"b\",c=\"d\"} 5\n"));
        Assert.That(process.Log, Has.Some.Contains("interval=1m1s workers=5"));
    }
}
