using CiMetrics.Docker;
using CiMetrics.Hosting;
using CiMetrics.RunnerExporter.Discovery;
using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;
using Microsoft.Extensions.Logging;

namespace CiMetrics.RunnerExporter;

/// <summary>
/// The pipeline: discovery and sampling report events, the monitor turns them into a snapshot, the collector turns the
/// snapshot into metrics. It owns what the loops share, and is disposed when they have ended.
/// </summary>
internal sealed partial class RunnerExporterService : IService, IDisposable
{
    private RunnerExporterSettings _settings = null!;
    private DockerClient? _engine;
    private SamplerFactory? _samplers;

    public ServiceInfo Info { get; } = new()
    {
        Command = "bitbucket-runner-exporter",
        Title = "Bitbucket Runner Exporter",
        Description = "CPU, memory, network, disk and process figures of the build containers of a Bitbucket runner",
        DefaultPort = 8080,
    };

    public void Declare(ServiceSettings settings) => _settings = new RunnerExporterSettings(settings);

    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        DockerEndpoint endpoint = _settings.Endpoint();
        DockerClient engine = _engine = new(endpoint, _settings.FixedVersion(), context.Time);
        BuildMonitor monitor = new(new BuildState(_settings.Retention()), context.Time);
        Trouble trouble = new();
        EngineWatcher watcher = new(engine, monitor, _settings.ReconcileInterval.Value, context.Time, logger, trouble);
        HostPaths paths = new(_settings.ProcPath.Value, _settings.CgroupPath.Value);
        HostView view = HostView.Look(endpoint, paths);
        SamplerFactory samplers = _samplers = new(engine, paths, context.Time);
        SamplingLoop sampling = new(
            monitor, build => samplers.Create(build.Id, build.Pid, build.NetworkMode), _settings.SampleInterval.Value, context.Time, logger, trouble);

        context.Registry.Register(new BuildCollector(() => monitor.Snapshot));
        context.Registry.Register(new DetailCollector(() => monitor.Snapshot));
        context.Registry.Register(new RunnerCollector(() => monitor.Snapshot));
        context.Registry.Register(new HealthCollector(() => monitor.Snapshot, trouble, view, context.Time));
        context.AddFact($"Watches the Docker engine at {endpoint.Display}");
        (string figures, string user) = (Words(view.Figures), CurrentUser.Name);
        context.AddFact($"Figures of builds come from {figures}: {view.Reason}");
        LogMode(logger, figures, view.Reason, view.Cgroup, view.FinalSample, user);
        context.RunLoop("discovery", watcher.RunAsync);
        context.RunLoop("state", monitor.RunAsync);
        context.RunLoop("sampling", sampling.RunAsync);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _samplers?.Dispose();
        _engine?.Dispose();
    }

    private static string Words(FigureSource figures) => figures switch
    {
        FigureSource.Cgroup => "the kernel's cgroup files",
        FigureSource.Api => "the Docker engine's statistics",
        _ => "nowhere",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Looked where the figures of builds will come from")]
    private static partial void LogMode(ILogger logger, string figures, string reason, string cgroup, bool finalSample, string user);
}
