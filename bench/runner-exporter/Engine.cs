using CiMetrics.RunnerExporter.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Bench;

/// <summary>An engine with builds: a real one, whose cgroups are read, or a simulated one, whose statistics call is asked.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];
    private TempFolder? _folder;

    private Engine(string host, string words)
    {
        Host = host;
        Words = words;
    }

    public string Host { get; }

    /// <summary>Where figures come from, for the table.</summary>
    public string Words { get; }

    /// <summary>Whether this machine can run a real engine.</summary>
    public static bool CanBeReal { get; } =
        Environment.UserName == "root" && File.Exists("/usr/sbin/dockerd") && (File.Exists("/usr/bin/busybox") || File.Exists("/bin/busybox"));

    public static async Task<Engine> SimulatedAsync(int builds)
    {
        TempFolder folder = new();
        DockerSimulator simulator = await DockerSimulator.StartAsync(folder.PathOf("d.sock"), new SimulatorOptions());
        for (int i = 0; i < builds; i++) simulator.StartContainer(Name());
        Engine engine = new($"unix://{folder.PathOf("d.sock")}", "simulated engine, statistics call") { _folder = folder };
        engine._parts.Add(simulator);
        return engine;
    }

    public static async Task<Engine> RealAsync(int builds)
    {
        Dockerd dockerd = await Dockerd.StartAsync();
        for (int i = 0; i < builds; i++) await dockerd.RunAsync(Name(), "while :; do sleep 1; done");
        Engine engine = new(dockerd.Host, "Docker engine, cgroup files");
        engine._parts.Add(dockerd);
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in _parts) await part.DisposeAsync();
        _folder?.Dispose();
    }

    private static string Name() => $"{Guid.NewGuid()}_{Guid.NewGuid()}_build";
}
