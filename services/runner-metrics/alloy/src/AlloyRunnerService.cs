using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Following;
using CiMetrics.AlloyRunner.Listening;
using CiMetrics.AlloyRunner.Metrics;
using CiMetrics.AlloyRunner.Observing;
using CiMetrics.AlloyRunner.Profiling;
using CiMetrics.AlloyRunner.Relay;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Docker;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.RunnerMetrics.Checkpoints;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner;

/// <summary>
/// The pipeline: the log and the processes report events, the monitor turns them into a snapshot, collectors turn the
/// snapshot into metrics. The runner itself is only looked at.
/// </summary>
internal sealed class AlloyRunnerService : IService, IDisposable
{
    private AlloySettings _settings = null!;
    private CheckpointFile? _file;
    private ConfigWatch? _config;
    private PprofEndpoints? _pprof;
    private RunnerRelay? _relay;
    private DockerClient? _engine;

    public ServiceInfo Info { get; } = new()
    {
        Command = "alloy-runner-metrics",
        Title = "AlloyCI Runner Metrics",
        Description = "Metrics of an AlloyCI or GitLab runner on this machine, from its log and its processes",
        DefaultPort = MetricsServerAddress.DefaultPort,
        StartCommand = "run",
        ProcessMetricsPrefix = "exporter_",
    };

    public void Declare(ServiceSettings settings) => _settings = new AlloySettings(settings, Info.Command);

    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        RunnerImage kept = Open(_settings.StateFolder.Value);
        RunnerMonitor monitor = new(new RunnerState(kept, context.Time));
        ConfigWatch config = _config = new(_settings.ConfigPath, read => Use(read, monitor), context.Time, logger);
        RunnerConfig? Settings() => config.Current.Config;

        ProcFolder proc = new(_settings.ProcPath.Value);
        string? pidFile = _settings.PidFile.Value is { Length: > 0 } given ? given : null;
        // One for each loop: a finder remembers why it found nothing.
        ProcessFinder Finder() => new(proc, pidFile, _settings.ProcessNames, line => line.Any(word => word is "run" or "run-single"));
        ProcessSource processes = new(
            proc, Finder(), new VersionProbe(proc, _settings.ProcessNames), new MachineStore(_settings.MachineStore.Value), monitor, Settings, _settings.Pace, context.Time, logger)
        {
            Found = pid => LeaveTo(RunnersOwnAddress.Of(proc, pid), "its command line or environment"),
        };
        // Before anything listens: a runner that is starting at this moment needs its port.
        if (Finder().Find() is { } running) LeaveTo(RunnersOwnAddress.Of(proc, running), "its command line or environment");

        ContainerHealth containers = new();
        DockerClient? engine = _engine = _settings.HasDocker ? new DockerClient(_settings.Docker.Endpoint(), _settings.Docker.FixedVersion(), context.Time) : null;
        LogStatus status = new(context.Ready);
        context.NotReady(LogStatus.NotYet);
        Checkpoint checkpoint = new(_file!, context.Time, logger);
        LogSource log = new(_settings, new LogSearch(_settings, proc, Finder(), engine), () => processes.View.Sample?.Id, monitor, checkpoint, status, context.Time, logger);
        Register(context.Registry, monitor, processes, status, containers, config);
        AddProfilesAndRelay(context, config.Current.Config, logger);
        context.BeforeScrape(Preparation(context, status));
        context.OnHangUp(config.ReadAgainAsync);
        context.AddFact($"Observes the runner of {_settings.ConfigPath}; process_* is the runner's process, exporter_process_* this one.");
        context.RunLoop("config", config.RunAsync);
        context.RunLoop("processes", processes.RunAsync);
        if (engine is not null)
            context.RunLoop("containers", new ContainerSource(engine, proc, monitor, Settings, _settings.Pace.Busy, containers, context.Time, logger).RunAsync);
        context.RunLoop("log", stopping => log.RunAsync(kept, stopping));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine?.Dispose();
        _relay?.Dispose();
        _pprof?.Dispose();
        _config?.Dispose();
        _file?.Dispose();
    }

    private void AddProfilesAndRelay(ServiceContext context, RunnerConfig? config, ILogger logger)
    {
        PprofAccess? access = _settings.HasPprof ? new PprofAccess(_settings.NeedsPprofToken, _settings.PprofToken) : null;
        if (access is not null)
        {
            _pprof = new PprofEndpoints(access, _settings.LongestProfile.Value, context.Time, logger);
            _pprof.AddTo(context, _settings.NeedsPprofToken);
        }
        if ((_settings.Relay ?? RunnerRelay.Of(config)) is not { } runner) return;
        _relay = new RunnerRelay(runner, _settings.LongestProfile.Value, context.Metrics);
        _relay.AddTo(context, access, _settings.NeedsPprofToken);
    }

    // Only on the user's word: names and figures of /metrics change with it.
    private ScrapePreparation Preparation(ServiceContext context, LogStatus status)
    {
        if (_settings.Relay is null || _relay is not { } relay) return _ => Task.FromResult(status.Problem);
        RelayedMetrics relayed = relay.Merged(context);
        context.Registry.Foreign = relayed;
        return async deadline =>
        {
            if (status.Problem is { } problem) return problem;
            await relayed.RefreshAsync(deadline);
            return null;
        };
    }

    private void Register(CollectorRegistry registry, RunnerMonitor monitor, ProcessSource processes, LogStatus status, ContainerHealth containers, ConfigWatch config)
    {
        registry.Register(_settings.Profile switch
        {
            Profile.Alloy => new AlloyCollector(() => monitor.Snapshot),
            Profile.GitLab => new GitLabCollector(() => monitor.Snapshot, () => config.Current.Config),
            _ => new DocCollector(() => monitor.Snapshot),
        });
        registry.Register(new VersionCollector(_settings.Profile, () => processes.View));
        registry.Register(new RunnerProcessCollector(() => processes.View));
        registry.Register(new JobCollector(() => monitor.Snapshot, () => processes.View, () => config.Current.Config));
        registry.Register(new HealthCollector(() => monitor.Snapshot, status, containers, () => config.Current));
    }

    private void Use(RunnerConfig config, RunnerMonitor monitor)
    {
        LeaveTo(RunnersOwnAddress.Of(config), "its config.toml");
        monitor.Use(config);
    }

    // Also while we run: ending gives the port back before the runner needs it.
    private void LeaveTo(IEnumerable<ListenAddress> runners, string where)
    {
        if (RunnersOwnAddress.Conflict(_settings.Addresses, runners, where) is { } conflict) throw new ServiceFailedException(conflict);
    }

    private RunnerImage Open(string folder)
    {
        try
        {
            _file = CheckpointFile.Open(folder);
            return Checkpoint.Read(_file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"the position in the log and the counters cannot be kept (--state-dir): {exception.Message}", exception);
        }
    }
}
