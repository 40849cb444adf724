namespace CiMetrics.Testing;

/// <summary>Published services on free ports, each with its simulator.</summary>
public sealed class RunningServices : IAsyncDisposable
{
    private readonly TempFolder _work = new();
    private readonly List<RunningService> _services = [];
    private readonly List<ServiceProcess> _simulators = [];

    private RunningServices()
    {
    }

    /// <summary>What asks them.</summary>
    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>The services.</summary>
    public IReadOnlyList<RunningService> All => _services;

    /// <summary>One of them, by its command.</summary>
    public RunningService this[string command] => _services.Single(service => service.Command == command);

    /// <summary>Starts services and waits until each one is ready. <paramref name="extra"/> are further arguments by command.</summary>
    public static async Task<RunningServices> StartAsync(IEnumerable<ServiceManifest> manifests, IReadOnlyDictionary<string, string[]>? extra = null)
    {
        RunningServices services = new();
        try
        {
            foreach (ServiceManifest manifest in manifests) services.Start(manifest, extra?.GetValueOrDefault(manifest.Command) ?? []);
            foreach (RunningService service in services._services) await services.WaitUntilReadyAsync(service);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>A path of a service.</summary>
    public Uri UrlOf(string command, string path) => new($"http://localhost:{this[command].Port}{path}");

    /// <summary>Waits until a service answers scrapes.</summary>
    public async Task WaitUntilReadyAsync(RunningService service)
    {
        try
        {
            await Eventually.TrueAsync(async () => (await Client.GetAsync(UrlOf(service.Command, "/-/ready"))).IsSuccessStatusCode, $"{service.Command} to be ready");
        }
        catch (AssertionException)
        {
            await TestContext.Out.WriteLineAsync(string.Join('\n', service.Process.Log));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Services before their simulators, else each would report that its source went away.
        foreach (RunningService service in _services) await service.Process.DisposeAsync();
        foreach (ServiceProcess simulator in _simulators) await simulator.DisposeAsync();
        Client.Dispose();
        _work.Dispose();
    }

    private void Start(ServiceManifest manifest, string[] extra)
    {
        string folder = Directory.CreateDirectory(_work.PathOf(manifest.Command)).FullName;
        int port = FreePort.Next();
        int simulatorPort = manifest.Simulator.Port is null ? 0 : FreePort.Next();
        string Fill(string text) => _services.Aggregate(
            text.Replace("{port}", $"{port}", StringComparison.Ordinal).Replace("{simulator-port}", $"{simulatorPort}", StringComparison.Ordinal).Replace("{work}", folder, StringComparison.Ordinal),
            (filled, other) => filled.Replace($"{{port:{other.Command}}}", $"{other.Port}", StringComparison.Ordinal));

        Dictionary<string, string> environment = manifest.Simulator.Environment.ToDictionary(variable => variable.Key, variable => Fill(variable.Value), StringComparer.Ordinal);
        _simulators.Add(ServiceProcess.Start(manifest.SimulatorProgram, manifest.Simulator.Arguments.Select(Fill), environment));
        _services.Add(new RunningService(manifest.Command, port, [.. manifest.Arguments.Select(Fill), .. extra.Select(Fill)], environment));
    }
}
