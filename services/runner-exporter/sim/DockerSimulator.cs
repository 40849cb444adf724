using System.Net.Sockets;
using CiMetrics.RunnerExporter.Simulator.Engine;
using CiMetrics.RunnerExporter.Simulator.Http;
using CiMetrics.RunnerExporter.Simulator.Traffic;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CiMetrics.RunnerExporter.Simulator;

/// <summary>
/// Speaks the Docker Engine's HTTP interface on a Unix socket. Its containers are scripted through the methods here,
/// or come and go by themselves (<see cref="SimulatorOptions.Builds"/>). Containers are named by ID or name.
/// </summary>
public sealed class DockerSimulator : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly RequestLog _requests = new();
    private readonly EngineState _engine;
    private readonly WebApplication _server;
    private readonly string _socketPath;
    private int _disposed;

    private DockerSimulator(string socketPath, SimulatorOptions options)
    {
        _socketPath = socketPath;
        var clock = new EngineClock(options.Time);
        var events = new EventLog();
        _engine = new EngineState(options, clock, new ContainerStore(clock, events, options.Random), events, new Gate());

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenUnixSocket(socketPath, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(new RequestHandler(_engine, _requests, _stopping.Token).HandleAsync);
    }

    /// <summary>The last requests received, oldest first, as <c>METHOD path?query</c> with the query as it was sent.</summary>
    public IReadOnlyList<string> Requests => _requests.Snapshot();

    /// <summary>While true, connections are accepted and nothing is answered, as by a stopped process; then all goes on.</summary>
    public bool Hanging
    {
        get => _engine.Gate.IsClosed;
        set => _engine.Gate.IsClosed = value;
    }

    /// <summary>Ends when the automatic builds fail; never while all is well. Without automatic builds it is complete.</summary>
    public Task Traffic { get; private set; } = Task.CompletedTask;

    /// <summary>Listens on the socket, replacing a stale one; throws <see cref="IOException"/> when somebody listens there or it is another file.</summary>
    public static async Task<DockerSimulator> StartAsync(string socketPath, SimulatorOptions options)
    {
        if (File.Exists(socketPath))
        {
            // A socket has no length; anything else may be somebody's file.
            if (IsListening(socketPath))
                throw new IOException($"{socketPath}: somebody listens on this socket already");
            if (new FileInfo(socketPath).Length > 0)
                throw new IOException($"{socketPath} is a file with content, not a socket");
            File.Delete(socketPath);
        }

        var simulator = new DockerSimulator(socketPath, options);
        if (options.Builds > 0)
        {
            BuildTraffic.StartOthers(simulator);
            simulator.Traffic = new BuildTraffic(simulator, options, simulator._engine.Clock).RunAsync(simulator._stopping.Token);
        }

        await simulator._server.StartAsync();
        return simulator;
    }

    /// <summary>Creates and starts a container; returns its ID.</summary>
    public string StartContainer(string name, Action<ContainerSettings>? configure = null)
    {
        var settings = new ContainerSettings();
        configure?.Invoke(settings);
        return _engine.Containers.Start(name, settings);
    }

    /// <summary>Its first process ends with this exit code; the container stays until it is removed.</summary>
    public void StopContainer(string id, int exitCode = 0) => _engine.Containers.Finish(id, exitCode);

    /// <summary>Removes a stopped container.</summary>
    public void RemoveContainer(string id) => _engine.Containers.Remove(id);

    /// <summary>Freezes a running container: its figures stand still.</summary>
    public void Pause(string id) => _engine.Containers.Pause(id);

    /// <summary>Lets a paused container go on.</summary>
    public void Unpause(string id) => _engine.Containers.Unpause(id);

    /// <summary>A process of the container is killed for want of memory; the container itself goes on.</summary>
    public void OutOfMemory(string id) => _engine.Containers.OutOfMemory(id);

    /// <summary>Changes the limits of a container, as <c>docker update</c> does.</summary>
    public void Update(string id, Action<ContainerSettings> change) => _engine.Containers.Update(id, change);

    /// <summary>Breaks the event streams that are open now; clients may connect anew.</summary>
    public void CutEventStreams() => _engine.Events.CutStreams();

    /// <summary>Breaks what is under way, closes the socket and removes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        await _server.StopAsync();
        await _server.DisposeAsync();
        File.Delete(_socketPath);
        _stopping.Dispose();
        await Traffic;
    }

    private static bool IsListening(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    /// <summary>Signals belong to the program, which may be a test run, not to this server.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
