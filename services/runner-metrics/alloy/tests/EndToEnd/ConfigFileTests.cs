using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>A config.toml that cannot be read at first, under the published program.</summary>
public sealed class ConfigFileTests
{
    [Test]
    public async Task A_pipe_in_its_place_holds_nothing_up()
    {
        using TempFolder folder = new();
        (int exitCode, string output) = await ServiceProcess.RunAsync("/usr/bin/mkfifo", [folder.PathOf("config.toml")]);
        Assert.That(exitCode, Is.Zero, output);
        await using Observer observer = await Observer.StartAsync(folder);
        Assert.That((await observer.ScrapeAsync()).Value("runner_config_readable"), Is.EqualTo(0));
        Assert.That(observer.Process.Log, Has.Some.Contains("config.toml is no regular file"));

        File.Delete(folder.PathOf("config.toml"));
        folder.Write("config.toml", "concurrent = 7\n");
        await observer.ScrapeUntilAsync(text => text.Value("runner_concurrency_limit") == 7, "the file that took its place");
        Assert.That(await observer.StopAsync(), Is.Zero);
    }

    /// <summary>The right to read it changes neither its time nor its length.</summary>
    [Test]
    public async Task It_is_read_as_soon_as_it_may_be()
    {
        Requires.Root();
        using TempFolder folder = new();
        string config = folder.Write("config.toml", "concurrent = 7\n");
        File.SetUnixFileMode(config, UnixFileMode.None);
        int port = FreePort.Next();
        // Not even root may read everything without these.
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Requires.Program("setpriv", "util-linux"),
            [
                "--bounding-set=-dac_override,-dac_read_search", Observer.Binary, "run", "--config", config, "--metrics-server", $"127.0.0.1:{port}",
                "--log-file", folder.Write("runner.log", ""), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner", "--docker.watch=off",
            ],
            line => line.Contains("Listening", StringComparison.Ordinal));
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.TrueAsync(async () => await ValueAsync("runner_config_readable") == 0, "a file that may not be read");

        File.SetUnixFileMode(config, UnixFileMode.UserRead);
        await Eventually.TrueAsync(async () => await ValueAsync("runner_concurrency_limit") == 7, "the file to be read");
        Assert.That(await ValueAsync("runner_config_readable"), Is.EqualTo(1));
        Assert.That(process.Log.Count(line => line.Contains("configuration cannot be used", StringComparison.Ordinal)), Is.EqualTo(1));

        async Task<double?> ValueAsync(string name)
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri("/metrics", UriKind.Relative));
            return answer.IsSuccessStatusCode ? new ScrapedText(await answer.Content.ReadAsStringAsync()).Value(name) : null;
        }
    }
}
