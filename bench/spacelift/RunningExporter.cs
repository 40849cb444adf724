using System.Diagnostics;
using System.Globalization;
using System.Net;
using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.Spacelift.Bench;

/// <summary>The published exporter before a simulated account.</summary>
internal sealed class RunningExporter : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private RunningExporter(Process process, int port)
    {
        _process = process;
        _client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>Starts it and waits until it shows everything that the account has.</summary>
    public static Task<RunningExporter> StartAsync(FakeSpacelift api, params string[] arguments) => StartAsync(api, [], arguments);

    /// <summary>As above, with variables of the environment.</summary>
    public static async Task<RunningExporter> StartAsync(FakeSpacelift api, (string Name, string Value)[] environment, string[] arguments)
    {
        int port = FreePort.Next();
        ProcessStartInfo start = new(
            Published.Binary("spacelift-promex"),
            ["serve", "-e", api.Url, "-k", "bench", "-s", api.Secret, "-l", $"127.0.0.1:{port}", "--log.level=error", .. arguments])
        {
            UseShellExecute = false,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        RunningExporter exporter = new(Process.Start(start) ?? throw new InvalidOperationException("the exporter did not start"), port);
        int resources = api.Account.Stacks.Sum(stack => stack.Ok + stack.Drifted);
        string all = string.Create(CultureInfo.InvariantCulture, $"spacelift_collector_items{{collector=\"drift\"}} {resources}\n");
        await Eventually.TrueAsync(async () => (await exporter.ScrapeAsync()).Text.Contains(all, StringComparison.Ordinal), "everything is listed", TimeSpan.FromMinutes(2));
        return exporter;
    }

    /// <summary>Scrapes; the length is that of what was sent.</summary>
    public async Task<(string Text, long Length)> ScrapeAsync(bool gzip = false)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        if (gzip) request.Headers.AcceptEncoding.ParseAdd("gzip");
        using HttpResponseMessage answer = await _client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        return (gzip ? "" : System.Text.Encoding.UTF8.GetString(body), body.Length);
    }

    /// <summary>A line of <c>/proc/PID/status</c> in MB: VmRSS, RssAnon, RssFile.</summary>
    public double Megabytes(string line) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(text => text.StartsWith($"{line}:", StringComparison.Ordinal))
        .Select(text => double.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024)
        .Single();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }
}
