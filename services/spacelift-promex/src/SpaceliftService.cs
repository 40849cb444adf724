using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift;

/// <summary>
/// The pipeline: queries are asked for a scrape, listings in the background; each keeps its latest reading, and the
/// collectors turn the readings into metrics.
/// </summary>
internal sealed partial class SpaceliftService : IService
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
        StartMain(context, logger);
        StartNamed(context, logger);
        if (_settings.Webhook is not { } secret) return;
        WebhookEndpoint webhook = new(secret, new RunTally(context.Metrics), context.Metrics, logger);
        context.MapWithOwnAccess("/webhook", webhook.HandleAsync, HttpMethods.Post);
    }

    private void StartMain(ServiceContext context, ILogger logger)
    {
        if (_settings.Main is not { } key) return;
        AccountWatch watch = new(key, _settings, context.Registry, context.Time, logger);
        context.BeforeScrape(watch.PrepareAsync);
        context.NotReady("not logged in to Spacelift yet");
        watch.Start(context, suffix: "", context.Ready);
        context.AddFact($"Watches {key.Endpoint.Host}");
    }

    // One account that cannot be reached is no reason to take the others away: these say nothing of readiness.
    private void StartNamed(ServiceContext context, ILogger logger)
    {
        if (!_settings.Accounts.Any) return;
        Dictionary<string, ProbeTarget> targets = new(StringComparer.Ordinal);
        foreach ((string name, AccountKey key) in _settings.Accounts.All())
        {
            CollectorRegistry registry = new(context.Registry.StaticLabels) { CollectorFailed = (collector, exception) => LogCollector(logger, exception, name, collector) };
            AccountWatch watch = new(key, _settings, registry, context.Time, context.Loggers.CreateLogger($"{Info.Command}/{name}"));
            targets.Add(name, new ProbeTarget(registry, watch.PrepareAsync));
            watch.Start(context, suffix: ":" + name, () => { });
            context.AddLink($"/probe?account={Uri.EscapeDataString(name)}", $"the account {name}");
        }
        context.MapProbes("/probe", "account", targets);
        LogNamed(logger, targets.Count);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A collector failed; its metrics are left out of this scrape")]
    private static partial void LogCollector(ILogger logger, Exception exception, string account, string collector);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watches the accounts of the config file")]
    private static partial void LogNamed(ILogger logger, int accounts);

    private async Task<int> CheckAsync(CommandContext context)
    {
        ILogger logger = context.Loggers.CreateLogger(Info.Command);
        bool allWork = _settings.Main is not { } main || await CheckAsync(main, logger, context);
        foreach ((string name, AccountKey key) in _settings.Accounts.All())
        {
            await Console.Out.WriteLineAsync($"account {name}:");
            allWork &= await CheckAsync(key, logger, context);
        }
        return allWork ? ExitCode.Stopped : ExitCode.Failed;
    }

    private Task<bool> CheckAsync(AccountKey key, ILogger logger, CommandContext context)
    {
        MetricFactory unseen = Exposition.Metrics.WithCustomRegistry(new CollectorRegistry());
        Connection connection = Connection.Open(key, _settings, unseen, context.Time, logger);
        return new AccountCheck(connection.Api, context.Time, Console.Out).RunAsync(context.Stopping);
    }
}
