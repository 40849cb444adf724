using CiMetrics.Testing;

namespace CiMetrics.Docs.Tests.Running;

/// <summary>Published services on free ports, each with its simulator.</summary>
internal sealed class RunningServices : IAsyncDisposable
{
    private readonly TempFolder _work = new();
    private readonly List<ServiceProcess> _processes = [];
    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);

    private RunningServices()
    {
    }

    /// <summary>What asks them.</summary>
    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Starts services and waits until each one answers. <paramref name="extra"/> are further arguments by command.</summary>
    public static async Task<RunningServices> StartAsync(IEnumerable<ServiceManifest> manifests, IReadOnlyDictionary<string, string[]>? extra = null)
    {
        RunningServices services = new();
        try
        {
            foreach (ServiceManifest manifest in manifests) services.Start(manifest, extra?.GetValueOrDefault(manifest.Command) ?? []);
            foreach (string command in services._ports.Keys)
                await Eventually.TrueAsync(async () => (await services.Client.GetAsync(services.UrlOf(command, "/-/healthy"))).IsSuccessStatusCode, $"{command} answers");
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>A path of a service.</summary>
    public Uri UrlOf(string command, string path) => new($"http://localhost:{_ports[command]}{path}");

    public async ValueTask DisposeAsync()
    {
        // Services before their simulators, else each would report that its source went away.
        foreach (ServiceProcess process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        Client.Dispose();
        _work.Dispose();
    }

    private void Start(ServiceManifest manifest, string[] extra)
    {
        string folder = _work.PathOf(manifest.Command);
        Directory.CreateDirectory(folder);
        // A port of its own also where service.json has none: the sidecar listens only when it is told to.
        int port = _ports[manifest.Command] = FreePort.Next();
        int simulatorPort = manifest.Simulator.Port is null ? 0 : FreePort.Next();
        string Fill(string text) => _ports.Aggregate(
            text.Replace("{port}", $"{port}", StringComparison.Ordinal).Replace("{simulator-port}", $"{simulatorPort}", StringComparison.Ordinal).Replace("{work}", folder, StringComparison.Ordinal),
            (filled, other) => filled.Replace($"{{port:{other.Key}}}", $"{other.Value}", StringComparison.Ordinal));

        Dictionary<string, string> environment = manifest.Simulator.Environment.ToDictionary(variable => variable.Key, variable => Fill(variable.Value), StringComparer.Ordinal);
        _processes.Add(ServiceProcess.Start(manifest.SimulatorProgram, manifest.Simulator.Arguments.Select(Fill), environment));
        string[] listen = manifest.Port is null ? [$"--listen=:{port}"] : [];
        _processes.Add(ServiceProcess.Start(Published.Binary(manifest.Command), [.. manifest.Arguments.Select(Fill), .. listen, .. extra.Select(Fill)], environment));
    }
}
