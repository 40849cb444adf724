using System.Globalization;
using System.Text.Json;

namespace CiMetrics.Testing;

/// <summary>A real Prometheus that scrapes the given targets every second, on loopback, in a temp folder.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ServiceProcess _process;
    private readonly HttpClient _client;

    private PrometheusServer(TempFolder folder, ServiceProcess process, HttpClient client)
    {
        _folder = folder;
        _process = process;
        _client = client;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => _client.BaseAddress!;

    /// <summary>Starts a server that scrapes <paramref name="targets"/> (host:port) as job <c>test</c>.</summary>
    public static Task<PrometheusServer> StartAsync(params string[] targets) => StartWithAsync(
        $$"""
        global: { scrape_interval: 1s, scrape_timeout: 1s }
        scrape_configs:
          - job_name: test
            static_configs:
              - targets: [{{string.Join(", ", targets.Select(target => $"'{target}'"))}}]
        """);

    /// <summary>Starts a server with a configuration of the test's own.</summary>
    public static async Task<PrometheusServer> StartWithAsync(string configuration)
    {
        string program = Requires.Program("prometheus", "prometheus");
        TempFolder folder = new();
        int port = FreePort.Next();
        string file = folder.Write("prometheus.yml", configuration);
        ServiceProcess process = ServiceProcess.Start(
            program,
            [$"--config.file={file}", $"--storage.tsdb.path={folder.PathOf("data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]);
        HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
        PrometheusServer server = new(folder, process, client);
        try
        {
            await Eventually.TrueAsync(
                async () => (await client.GetAsync(new Uri("/-/ready", UriKind.Relative))).IsSuccessStatusCode, "Prometheus to be ready");
            return server;
        }
        catch
        {
            TestContext.Out.WriteLine(string.Join('\n', process.Log));
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The instant vector of a query: labels and value.</summary>
    public async Task<IReadOnlyList<(Dictionary<string, string> Labels, double Value)>> QueryAsync(string query)
    {
        using JsonDocument answer = JsonDocument.Parse(
            await _client.GetStringAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}", UriKind.Relative)));
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(Row)];
    }

    /// <summary>Asks until the query has a result.</summary>
    public async Task<IReadOnlyList<(Dictionary<string, string> Labels, double Value)>> QueryUntilAsync(string query, TimeSpan? patience = null) =>
        await Eventually.GetAsync(
            async () => await QueryAsync(query) is { Count: > 0 } rows ? rows : null, $"a result of the query {query}", patience);

    /// <summary>What went wrong in the last evaluation of each rule: one line for each that failed.</summary>
    public async Task<IReadOnlyList<string>> RuleErrorsAsync()
    {
        using JsonDocument answer = JsonDocument.Parse(await _client.GetStringAsync(new Uri("/api/v1/rules", UriKind.Relative)));
        return
        [
            .. answer.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray())
                .Where(rule => rule.GetProperty("health").GetString() != "ok")
                .Select(rule => $"{rule.GetProperty("name").GetString()}: {(rule.TryGetProperty("lastError", out JsonElement error) ? error.GetString() : rule.GetProperty("health").GetString())}"),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static (Dictionary<string, string>, double) Row(JsonElement row)
    {
        Dictionary<string, string> labels = row.GetProperty("metric").EnumerateObject()
            .ToDictionary(label => label.Name, label => label.Value.GetString()!, StringComparer.Ordinal);
        string value = row.GetProperty("value")[1].GetString()!;
        return (labels, value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(value, CultureInfo.InvariantCulture),
        });
    }
}
