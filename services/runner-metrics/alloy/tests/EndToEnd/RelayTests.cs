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

    private static async Task ServeAsync(HttpListener listener)
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await listener.GetContextAsync();
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes("answer to " + context.Request.RawUrl));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The runner's server is down.
        }
    }
}
