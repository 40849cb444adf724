using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiMetrics.Testing;

namespace CiMetrics.DevRun.Tests;

/// <summary>The README's first command, as a newcomer types it.</summary>
[NonParallelizable]
public sealed class RunTests
{
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(4);

    [Test]
    public async Task Run_starts_every_service_and_a_signal_stops_everything()
    {
        await using ServiceProcess run = Start();
        await run.WaitForAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), BuildPatience);

        string[] services = [.. Directory.EnumerateFiles(Repository.PathOf("services"), "service.json", SearchOption.AllDirectories)];
        string[] table = [.. run.StandardOutput.Split('\n').SkipWhile(line => !line.StartsWith("SERVICE", StringComparison.Ordinal)).Skip(1).TakeWhile(line => !line.StartsWith("Ctrl-C", StringComparison.Ordinal))];
        Requires.Program("prometheus", "prometheus");
        Assert.That(table, Has.Length.EqualTo(services.Length + 1));
        string prometheus = table[^1];
        Assert.That(prometheus, Does.StartWith("prometheus "));
        table = table[..^1];
        Assert.That(table, Has.All.Match("real: |simulated: "));

        using HttpClient client = new();
        foreach (string url in table.Select(Url).Where(url => url != "-"))
        {
            // Those that read a log answer scrapes once they have read it to its end.
            await Eventually.TrueAsync(async () => (await (await client.GetAsync(new Uri(url))).Content.ReadAsStringAsync()).Contains("exporter_build_info", StringComparison.Ordinal), $"metrics at {url}");
        }

        await Eventually.TrueAsync(
            async () => (await AskAsync(client, prometheus, "query?query=count(up%3D%3D1)")).Contains($",\"{table.Count(row => Url(row) != "-")}\"]", StringComparison.Ordinal), "Prometheus to have scraped every service");
        Assert.That(await AskAsync(client, prometheus, "rules"), Does.Contain("\"type\":\"alerting\""));
        await StopAsync(run, Signals.Terminate);
    }

    private static Task<string> AskAsync(HttpClient client, string row, string question) =>
        client.GetStringAsync(new Uri(new Uri(Url(row)), "/api/v1/" + question));

    [Test]
    public async Task A_taken_port_is_named_and_the_next_free_one_used()
    {
        using TcpListener occupant = new(IPAddress.IPv6Any, 8080);
        occupant.Server.DualMode = true;
        try
        {
            occupant.Start();
        }
        catch (SocketException)
        {
            // Somebody else has it, which serves as well.
        }

        await using ServiceProcess run = Start();
        await run.WaitForAsync(line => line.Contains("port 8080 is taken: using ", StringComparison.Ordinal), BuildPatience);
        await run.WaitForAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), BuildPatience);
        string row = run.Log.Single(line => line.StartsWith("bitbucket-runner-exporter ", StringComparison.Ordinal));
        int port = new Uri(Url(row)).Port;
        Assert.That(port, Is.GreaterThan(8080));

        using HttpClient client = new();
        Assert.That(await client.GetStringAsync(new Uri($"http://localhost:{port.ToString(CultureInfo.InvariantCulture)}/metrics")), Does.Contain("bitbucket_agent_docker_up"));
        await StopAsync(run, Signals.Interrupt);
    }

    [Test]
    public async Task An_engine_named_by_DOCKER_HOST_is_used_and_shown()
    {
        await using Dockerd engine = await Dockerd.StartAsync();
        await engine.RunAsync("96da62a5-abee-497e-b1f6-7774432a3396_1d1ff376-c967-4ebe-a84f-cd2d56ee0872_build", "sleep 600");
        await using ServiceProcess run = Start(new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_HOST"] = engine.Host });
        await run.WaitForAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), BuildPatience);
        string row = run.Log.Single(line => line.StartsWith("bitbucket-runner-exporter ", StringComparison.Ordinal));
        Assert.That(row, Does.EndWith($"real: {engine.Host}"));

        using HttpClient client = new();
        await Eventually.TrueAsync(
            async () => (await client.GetStringAsync(new Uri(Url(row)))).Contains("runner_uuid=\"96da62a5-abee-497e-b1f6-7774432a3396\"", StringComparison.Ordinal),
            "the build at the URL in the table");
        await StopAsync(run, Signals.Terminate);
    }

    private static ServiceProcess Start(IReadOnlyDictionary<string, string>? environment = null) =>
        ServiceProcess.Start(Repository.PathOf("build.sh"), ["run"], environment);

    private static async Task StopAsync(ServiceProcess run, int signal)
    {
        int[] children = Descendants(run.Pid);
        Assert.That(children, Is.Not.Empty);
        run.Signal(signal);
        Assert.That(await run.WaitForExitAsync(), Is.Zero);
        Assert.That(children.Where(pid => Directory.Exists($"/proc/{pid}") && !IsZombie(pid)), Is.Empty, "orphans");
    }

    private static string Url(string row) => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

    private static int[] Descendants(int pid)
    {
        int[] children = [.. Directory.EnumerateDirectories($"/proc/{pid}/task")
            .SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        return [.. children, .. children.SelectMany(Descendants)];
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'Z';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
