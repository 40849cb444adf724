namespace CiMetrics.Testing;

/// <summary>A published service that runs, and can be started again with what it was started with.</summary>
public sealed class RunningService
{
    private readonly string[] _arguments;
    private readonly IReadOnlyDictionary<string, string> _environment;

    internal RunningService(string command, int port, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        Command = command;
        Port = port;
        _arguments = arguments;
        _environment = environment;
        Process = Run();
    }

    /// <summary>Its program.</summary>
    public string Command { get; }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>The process that was started last.</summary>
    public ServiceProcess Process { get; private set; }

    /// <summary>A crash: SIGKILL, and a start after it.</summary>
    public async Task KillAndRestartAsync()
    {
        Process.Signal(Signals.Kill);
        await Process.WaitForExitAsync();
        await Process.DisposeAsync();
        Process = Run();
    }

    private ServiceProcess Run() => ServiceProcess.Start(Published.Binary(Command), _arguments, _environment);
}
