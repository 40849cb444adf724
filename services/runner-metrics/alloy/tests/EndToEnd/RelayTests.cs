using System.Net;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>A runner with a server of its own.</summary>
public sealed class RelayTests
{
    [Test]
    public async Task Its_metrics_and_profiles_are_passed_on_and_its_command_line_is_not()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        using HttpListener runner = new();
        runner.Prefixes.Add($"http://127.0.0.1:{port}/");
        runner.Start();
        Task serving = ServeAsync(runner);
        folder.Write("config.toml", $"listen_address = \":{port}\"\n");
        await using Observer observer = await Observer.StartAsync(folder);

        Assert.That(await observer.GetAsync("/metrics/runner"), Is.EqualTo("answer to /metrics"));
        Assert.That(await observer.GetAsync("/debug/pprof/runner/profile?seconds=7"), Is.EqualTo("answer to /debug/pprof/profile?seconds=7"));
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{observer.Port}") };
        using HttpResponseMessage command = await client.GetAsync(new Uri("/debug/pprof/runner/cmdline", UriKind.Relative));
        Assert.That(command.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        runner.Stop();
        await serving;
        using HttpResponseMessage gone = await client.GetAsync(new Uri("/metrics/runner", UriKind.Relative));
        Assert.That(gone.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That((await observer.ScrapeAsync()).Value("runner_relay_failures_total"), Is.EqualTo(1));
    }

    /// <summary>It speaks to browsers, with a certificate; we would only disturb it.</summary>
    [Test]
    public async Task A_server_of_sessions_is_not_asked_for_metrics()
    {
        using TempFolder folder = new();
        folder.Write("config.toml", $"[session_server]\nlisten_address = \"127.0.0.1:{FreePort.Next()}\"\n");
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{observer.Port}") };
        using HttpResponseMessage answer = await client.GetAsync(new Uri("/metrics/runner", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await observer.ScrapeAsync()).All("runner_relay_failures_total"), Is.Empty);
    }

    [Test]
    public async Task Its_metrics_are_merged_and_go_over_ours_and_its_failure_is_not_ours()
    {
        using TempFolder folder = new();
        int port = FreePort.Next();
        using HttpListener runner = new();
        runner.Prefixes.Add($"http://127.0.0.1:{port}/");
        runner.Start();
        string text = """
            # HELP ci_docker_machines The runner's own.
            # TYPE ci_docker_machines counter
            ci_docker_machines{type="theirs"} 42
            # TYPE go_goroutines gauge
            go_goroutines 11
            # TYPE runner_relay_up gauge
            runner_relay_up 77
            # TYPE broken gauge
            broken{a="} 1

            """;
        TaskCompletionSource hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool hangs = false;
        Task serving = ServeAsync(runner, async context =>
        {
            if (Volatile.Read(ref hangs)) await hang.Task;
            return context.Request.RawUrl == "/metrics" ? text : "";
        });
        await using Observer observer = await Observer.StartAsync(folder, null, "--relay", $"http://127.0.0.1:{port}/metrics", "--extra-label", "env=x");

        ScrapedText scrape = await observer.ScrapeAsync();
        Assert.That(scrape.All("ci_docker_machines").Select(sample => (sample.Labels["type"], sample.Labels["env"], sample.Value)), Is.EqualTo(new[] { ("theirs", "x", 42d) }));
        Assert.That(scrape.Value("go_goroutines"), Is.EqualTo(11));
        Assert.That(scrape.Value("runner_relay_up"), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_relay_families_dropped_total", ("reason", "malformed")), Is.EqualTo(1));
        Assert.That(scrape.Value("runner_relay_families_dropped_total", ("reason", "reserved")), Is.EqualTo(1));
        Assert.That(scrape.Text, Does.Not.Contain("broken"));
        (int exitCode, string output) = await Promtool.CheckMetricsAsync(scrape.Text);
        Assert.That(exitCode, Is.Not.EqualTo(1), output);
        Assert.That((await observer.ScrapeAsync()).Value("runner_relay_conflicts_total"), Is.GreaterThanOrEqualTo(1));
        Assert.That(await observer.GetAsync("/metrics/runner"), Is.EqualTo(text));

        // Nobody waits longer for it than the scraper does.
        Volatile.Write(ref hangs, true);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{observer.Port}") };
        using HttpRequestMessage impatient = new(HttpMethod.Get, new Uri("/metrics", UriKind.Relative));
        impatient.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", "1");
        using HttpResponseMessage answer = await client.SendAsync(impatient);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        AssertOursOnly(new ScrapedText(await answer.Content.ReadAsStringAsync()));
        hang.SetResult();

        runner.Stop();
        await serving;
        // A fetch that was under way when the server answered again may still be what a scrape meanwhile gets.
        ScrapedText gone = await observer.ScrapeUntilAsync(scrape => scrape.Value("runner_relay_up") == 0, "a scrape without the runner's metrics");
        AssertOursOnly(gone);
        Assert.That(gone.Value("runner_relay_failures_total"), Is.GreaterThanOrEqualTo(1));
    }

    private static void AssertOursOnly(ScrapedText scrape)
    {
        Assert.That(scrape.Value("runner_relay_up"), Is.EqualTo(0));
        Assert.That(scrape.All("go_goroutines"), Is.Empty);
        Assert.That(scrape.All("ci_docker_machines", ("type", "theirs")), Is.Empty);
        Assert.That(scrape.Value("runner_log_lag_bytes"), Is.Not.Null);
    }

    private static Task ServeAsync(HttpListener listener) =>
        ServeAsync(listener, context => Task.FromResult("answer to " + context.Request.RawUrl));

    private static async Task ServeAsync(HttpListener listener, Func<HttpListenerContext, Task<string>> answer)
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await listener.GetContextAsync();
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(await answer(context)));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The runner's server is down.
        }
    }
}
