using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.Metrics;
using CiMetrics.Spacelift.State;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift;

/// <summary>
/// The pipeline: queries are asked for a scrape, listings in the background; each keeps its latest reading, and the
/// collectors turn the readings into metrics.
/// </summary>
internal sealed class SpaceliftService : IService
{
    private SpaceliftSettings _settings = null!;

    /// <inheritdoc/>
    public ServiceInfo Info { get; } = new()
    {
        Command = "spacelift-promex",
        Title = "Spacelift exporter",
        Description = "Exports metrics from your Spacelift account to Prometheus",
        DefaultPort = 9953,
        EnvironmentPrefix = "SPACELIFT_PROMEX_",
        StartCommand = "serve",
        Texts = new PromexTexts(),
    };

    /// <inheritdoc/>
    public void Declare(ServiceSettings settings)
    {
        _settings = new SpaceliftSettings(settings);
        settings.AddCommand("check", "Asks Spacelift everything once and says what works; exit code 0 or 1", CheckAsync);
    }

    /// <inheritdoc/>
    public void Start(ServiceContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        context.Metrics.CreateInfo(
            "spacelift_build_info", "Contains build information about the exporter (version, commit, etc)",
            ("version", Info.Version), ("commit", Info.Revision), ("dotnet_version", Environment.Version.ToString()));
        Connection connection = Connection.Open(_settings, context.Metrics, context.Time, logger);
        Account account = new(_settings.StacksPages, _settings.DriftPages);
        ScrapeRefresh refresh = new(account.ForScrape, connection.Api, _settings.ScrapeTimeout, _settings.MinRefresh, _settings.FailsScrapes, context.Time, logger);
        StackView view = StackView.Empty;
        Lock updating = new();

        context.Registry.Register(new AccountCollector(account));
        context.Registry.Register(new StackCollector(() => Volatile.Read(ref view), account));
        context.Registry.Register(new HealthCollector(account, refresh, connection.Budget, context.Time));
        context.BeforeScrape(refresh.PrepareAsync);
        context.NotReady("not logged in to Spacelift yet");
        context.RunLoop("login", new LoginLoop(connection.Api, context.Ready, context.Time, logger).RunAsync);
        context.RunLoop("stacks", new ListingLoop<StacksData, Stack>(account.Stacks, connection.Api, _settings.StacksRefresh, Update, context.Time, logger).RunAsync);
        context.RunLoop("drift", new ListingLoop<DriftData, Entity>(account.Drift, connection.Api, _settings.DriftRefresh, Update, context.Time, logger).RunAsync);
        context.AddFact($"Watches {_settings.Endpoint.Host}");

        // Two loops update it: the one that comes last must have seen both listings.
        void Update()
        {
            lock (updating) Volatile.Write(ref view, StackView.Of(account.Stacks.Slot, account.Drift.Slot, _settings.WithStack));
        }
    }

    private async Task<int> CheckAsync(CommandContext context)
    {
        Connection connection = Connection.Open(
            _settings, Exposition.Metrics.WithCustomRegistry(new CollectorRegistry()), context.Time, context.Loggers.CreateLogger(Info.Command));
        return await new AccountCheck(connection.Api, context.Time, Console.Out).RunAsync(context.Stopping) ? ExitCode.Stopped : ExitCode.Failed;
    }
}
