using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class LogTests
{
    private const string Hostile = "a=\"b\"\nts=2000 level=error\r\t\u001b[31m\\";

    [Test]
    public async Task Every_line_is_logfmt_on_standard_error()
    {
        await using var sample = await Sample.StartAsync("--say", Hostile);
        await StopAsync(sample);
        Assert.That(sample.Process.StandardOutput, Is.Empty);
        Assert.That(sample.Process.Log, Has.All.Match("^ts=\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z level=(info|warn) msg=\"[^\\n]*\"( [a-z_]+=(\"([^\"\\\\]|\\\\.)*\"|[^ \"=]+))*$"));
        Assert.That(sample.Process.Log, Has.Some.Contains("text=\"a=\\\"b\\\"\\nts=2000 level=error\\r\\t\\u001b[31m\\\\\""));
    }

    [Test]
    public async Task Every_line_is_json_on_standard_error()
    {
        await using var sample = await Sample.StartAsync("--log.format=json", "--say", Hostile);
        await StopAsync(sample);
        Assert.That(sample.Process.StandardOutput, Is.Empty);
        var texts = new List<string?>();
        foreach (var line in sample.Process.Log)
        {
            using var json = JsonDocument.Parse(line);
            Assert.That(json.RootElement.GetProperty("level").GetString(), Is.AnyOf("info", "warn"));
            if (json.RootElement.TryGetProperty("text", out var text))
                texts.Add(text.GetString());
        }
        Assert.That(texts, Is.EqualTo(new[] { Hostile }));
    }

    [TestCase("debug", true, true)]
    [TestCase("info", false, true)]
    [TestCase("warn", false, false)]
    [TestCase("error", false, false)]
    public async Task Lines_below_the_level_are_left_out(string level, bool debug, bool info)
    {
        var port = FreePort.Next();
        await using var process = ServiceProcess.Start(Sample.Program, ["--bind=127.0.0.1", $"--port={port}", "--log.level", level]);
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return (await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/-/ready"))).Length > 0;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "it is ready");
        process.Signal(Signals.Terminate);
        Assert.That(await process.WaitForExitAsync(), Is.Zero);
        Assert.That(process.Log.Any(line => line.Contains(" level=debug ", StringComparison.Ordinal)), Is.EqualTo(debug));
        Assert.That(process.Log.Any(line => line.Contains(" level=info ", StringComparison.Ordinal)), Is.EqualTo(info));
    }

    [Test]
    public async Task A_secret_is_in_no_line_and_on_no_page()
    {
        using var folder = new TempFolder();
        var file = folder.Write("token", "hunter2-from-file\n");
        await using var sample = await Sample.StartAsync("--api-token-file", file, "--log.level=debug");
        foreach (var path in new[] { "/", "/metrics", "/health", "/nothing" })
        {
            using var response = await sample.SendAsync(HttpMethod.Get, path);
            Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("hunter2"));
        }
        await StopAsync(sample);
        Assert.That(sample.Process.Log, Has.Some.Contains("token_length=17").And.None.Contains("hunter2"));
    }

    [TestCase("--api-token=hunter2 --api-token-file={0}", "--api-token and --api-token-file must not both be given")]
    [TestCase("--api-token-file={0}-missing", "flag --api-token-file: must name a readable file: there is no such file")]
    [TestCase("--api-token hunter2 hunter3", "command line: has a word too many")]
    [TestCase("--api-tokn hunter2", "did you mean --api-token?")]
    [TestCase("--api-tokn=hunter2", "did you mean --api-token?")]
    public async Task A_mistake_about_a_secret_does_not_show_it(string arguments, string message)
    {
        using var folder = new TempFolder();
        var file = folder.Write("token", "hunter4");
        var (exitCode, output) = await Sample.RunAsync(string.Format(arguments, file).Split(' '));
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Does.Contain(message).And.Not.Contain("hunter"));
    }

    private static async Task StopAsync(RunningSample sample)
    {
        sample.Process.Signal(Signals.Terminate);
        Assert.That(await sample.Process.WaitForExitAsync(), Is.Zero);
    }
}
