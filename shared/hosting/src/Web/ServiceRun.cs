using CiMetrics.Exposition;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>One life of a service: start, wait, drain.</summary>
internal sealed partial class ServiceRun(IService service, ServiceSettings settings)
{
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    private readonly InFlight _inFlight = new();

    /// <summary>Runs until a signal or a failure; returns the exit code.</summary>
    public async Task<int> RunAsync()
    {
        using var loggers = settings.Log.CreateFactory();
        var logger = loggers.CreateLogger(service.Info.Command);
        using var signals = new ShutdownSignals();
        try
        {
            return await RunAsync(loggers, logger, signals);
        }
        catch (ServiceFailedException exception)
        {
            LogFailed(logger, exception.Message);
            LogCause(logger, exception);
        }
        catch (Exception exception)
        {
            LogBroke(logger, exception);
        }
        return ExitCode.Failed;
    }

    private async Task<int> RunAsync(ILoggerFactory loggers, ILogger logger, ShutdownSignals signals)
    {
        using var loops = new BackgroundLoops(logger, signals.Stop);
        var registry = new CollectorRegistry(settings.ExtraLabels.Value, new RegistryOptions { CreatedTimestamps = settings.Web.CreatedTimestamps?.Value == true })
        {
            CollectorFailed = (collector, exception) => LogCollector(logger, exception, collector),
        };
        var readiness = new Readiness(logger);
        var context = new ServiceContext(registry, loggers, TimeProvider.System, loops, readiness, signals);
        OwnMetrics.Register(context, service.Info, loops, !settings.Web.DisableExporterMetrics.Value);
        LogStarting(logger, service.Info.Version, service.Info.Revision);
        using var passwords = new PasswordChecker(context.Time);
        var gate = new AccessGate(settings.Web.Allow.Value, settings.Web.TrustedProxies.Value, settings.Web.Access(), passwords, logger);
        using var reload = ConfigReload.Start(settings, () => gate.Use(settings.Web.Access()), context, logger);
        var allEnded = false;
        try
        {
            service.Start(context);
            var connections = new OpenConnections(settings.Web.MaxConnections.Value, context.Metrics);
            var tls = new TlsEndpoints(() => settings.Web.Config);
            await using var servers = new WebServers();
            if (Addresses() is { Count: > 0 } addresses)
                servers.Add(Server(addresses, Endpoints(context, readiness, reload)));
            foreach (var own in context.Servers)
                servers.Add(Server(own.Addresses, [own.Endpoint, .. HealthEndpoints.Of(readiness)]));
            await servers.StartAsync();
            readiness.State = ReadyState.Ready;
            foreach (var url in servers.Urls)
                LogListening(logger, url, settings.Web.TelemetryPath.Value);
            ServiceManager.Notify(ServiceManager.Ready, logger);

            WebServer Server(IReadOnlyList<ListenAddress> addresses, IEnumerable<Endpoint> endpoints) =>
                new(addresses, connections, tls, settings.Web.IdleTimeout.Value, Router(endpoints, context, gate, logger), loggers);

            await signals.Stopping.WhenCancelled();
            ServiceManager.Notify(ServiceManager.Stopping, logger);
            readiness.State = ReadyState.Draining;
            LogStopping(logger);
            await Drain(servers, logger);
        }
        finally
        {
            // A service that did not get as far as listening has loops to end, too.
            allEnded = await loops.StopAsync();
        }
        LogStopped(logger);
        return allEnded && !loops.AnyDied ? ExitCode.Stopped : ExitCode.Failed;
    }

    private IReadOnlyList<ListenAddress> Addresses() => settings.Web.SystemdSocket.Value
        ? [.. SystemdSocket.Take().Select(socket => new ListenAddress("", 0) { Inherited = socket })]
        : settings.Addresses();

    private Router Router(IEnumerable<Endpoint> endpoints, ServiceContext context, AccessGate gate, ILogger logger) =>
        new(endpoints, gate, new WebConfigFront(() => settings.Web.Config, context.Time), _inFlight, logger);

    private List<Endpoint> Endpoints(ServiceContext context, Readiness readiness, ConfigReload reload)
    {
        var path = settings.Web.TelemetryPath.Value;
        var meters = new ScrapeMeters(context.Registry);
        var landing = new LandingPage(
            service.Info,
            [new(path, "metrics"), .. context.Links, new(HealthEndpoints.Healthy, "alive"), new(HealthEndpoints.Ready, "ready")],
            context.Facts);
        return
        [
            Metrics(new MetricsPath(path, context.Registry, context.Preparation)),
            .. context.MoreMetrics.Select(Metrics),
            .. context.Probes.Select(probe => Endpoint.ReadOnly(probe.Path, new ProbeEndpoint(probe, Scraped).Handle)),
            .. HealthEndpoints.Of(readiness),
            .. reload.Reloader is { } reloader ? [ReloadEndpoint.Of(reloader)] : Array.Empty<Endpoint>(),
            .. context.Endpoints,
            Endpoint.ReadOnly("/", landing.Handle),
        ];

        Endpoint Metrics(MetricsPath scraped) => Endpoint.ReadOnly(scraped.Path, Scraped(scraped.Registry, scraped.Preparation).Handle);

        MetricsEndpoint Scraped(CollectorRegistry scraped, ScrapePreparation? preparation) => new(scraped, meters, context.Time)
        {
            OpenMetrics = settings.Web.EnableOpenMetrics.Value,
            MostAtOnce = settings.Web.MaxRequests.Value,
            Longest = settings.Web.ScrapeTimeout.Value,
            Prepare = preparation,
        };
    }

    // The server keeps listening meanwhile, so that probes see the state and not a refused connection.
    private async Task Drain(WebServers servers, ILogger logger)
    {
        try
        {
            await _inFlight.CloseAsync().WaitAsync(DrainPatience);
        }
        catch (TimeoutException)
        {
            LogCutOff(logger, DrainPatience);
        }
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await servers.StopAsync(soon.Token);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Starting")]
    private static partial void LogStarting(ILogger logger, string version, string revision);

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening")]
    private static partial void LogListening(ILogger logger, string address, string telemetryPath);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Requests were cut off: they did not end in time")]
    private static partial void LogCutOff(ILogger logger, TimeSpan patience);

    [LoggerMessage(Level = LogLevel.Error, Message = "A collector failed; its metrics are left out of this scrape")]
    private static partial void LogCollector(ILogger logger, Exception exception, string collector);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    private static partial void LogFailed(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cause of the failure")]
    private static partial void LogCause(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Failed")]
    private static partial void LogBroke(ILogger logger, Exception exception);
}
