using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>Programs that are killed and started again, one at a time, behind networks that lose requests and answers.</summary>
internal sealed class CrashScene(Random random) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<HttpFaultProxy> _networks = [];
    private readonly List<ServiceProcess> _processes = [];
    private readonly List<Func<Task>> _victims = [];

    public Random Random => random;

    public TempFolder Folder { get; } = new();

    /// <summary>Starts a receiver; gives its port.</summary>
    public async Task<int> AddReceiverAsync(params string[] arguments)
    {
        int port = FreePort.Next();
        await AddAsync(Published.Binary("receiver"), [$"--web.listen-address=127.0.0.1:{port}", .. arguments], "msg=\"Listening\"");
        return port;
    }

    /// <summary>Starts a sidecar on folders of its own.</summary>
    public async Task AddSidecarAsync(string name, int receiver)
    {
        HttpFaultProxy network = HttpFaultProxy.Start(new Uri($"http://127.0.0.1:{receiver}"));
        Random own = new(random.Next());
        network.Plan = _ =>
        {
            lock (own)
            {
                return own.Next(10) switch { 0 => HttpFault.LoseRequest, 1 => HttpFault.LoseAnswer, 2 => HttpFault.Respond(503, ""), _ => HttpFault.None };
            }
        };
        _networks.Add(network);
        Directory.CreateDirectory(Folder.PathOf("jobs" + name));
        await AddAsync(
            RunningSidecar.Binary,
            [Folder.PathOf("jobs" + name), network.Address.Authority, "--spool-dir", Folder.PathOf("spool" + name), "--request-timeout", "2s"],
            "Taking the files");
    }

    /// <summary>How many files there are in a folder of the scene.</summary>
    public int Files(string folder, string pattern) => Directory.GetFiles(Folder.PathOf(folder), pattern).Length;

    /// <summary>Adds something that is killed and started again by its own means.</summary>
    public void AddVictim(Func<Task> killAndStart) => _victims.Add(killAndStart);

    /// <summary>Kills one of all and starts it again.</summary>
    public Task KillOneAsync() => _victims[random.Next(_victims.Count)]();

    /// <summary>From now on the networks lose nothing.</summary>
    public void Calm()
    {
        foreach (HttpFaultProxy network in _networks) network.Plan = _ => HttpFault.None;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceProcess process in _processes) await process.DisposeAsync();
        foreach (HttpFaultProxy network in _networks) await network.DisposeAsync();
        Folder.Dispose();
    }

    private async Task AddAsync(string program, string[] arguments, string ready)
    {
        ServiceProcess first = await StartAsync();
        int index;
        lock (_gate)
        {
            index = _processes.Count;
            _processes.Add(first);
            AddVictim(async () =>
            {
                ServiceProcess process = _processes[index];
                process.Signal(Signals.Kill);
                await process.WaitForExitAsync();
                await process.DisposeAsync();
                _processes[index] = await StartAsync();
            });
        }

        Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(program, arguments, line => line.Contains(ready, StringComparison.Ordinal));
    }
}
