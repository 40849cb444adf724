using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>What reads the configuration again.</summary>
internal sealed partial class ConfigReload : IDisposable
{
    private readonly ReloadSignal _signal = new();

    private ConfigReload(Reloader? reloader) => Reloader = reloader;

    /// <summary>Reads again on request; null where no file was given.</summary>
    public Reloader? Reloader { get; }

    /// <summary>Watches files and SIGHUP and exports how reloads went.</summary>
    /// <param name="settings">The settings, read.</param>
    /// <param name="applied">Called when something new is in force.</param>
    /// <param name="context">Where loops and collectors go.</param>
    /// <param name="logger">Where reloads are told.</param>
    public static ConfigReload Start(ServiceSettings settings, Action applied, ServiceContext context, ILogger logger)
    {
        var reloadables = new List<IReloadable>();
        if (settings.Web.ConfigFile is { } web)
            reloadables.Add(web);
        if (new SecretFiles(settings.All) is { IsEmpty: false } secrets)
            reloadables.Add(secrets);

        var reloader = reloadables.Count > 0 ? new Reloader(reloadables, applied, context.Time, logger) : null;
        var reload = new ConfigReload(reloader);
        if (reloader is not null)
        {
            context.Registry.Register(new ReloadCollector(reloader.States, () => settings.Web.Config));
            context.RunLoop("config-watch", reloader.WatchAsync);
        }
        context.RunLoop("config-signal", stopping => reload._signal.WatchAsync(ReadAgainAsync, stopping));
        return reload;

        async Task ReadAgainAsync(CancellationToken stopping)
        {
            if (reloader is not null)
                await reloader.ReloadAsync(stopping);
            if (context.ReadAgain is { } own)
                await own(stopping);
            else if (reloader is null)
                LogNothing(logger);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signal.Dispose();
        Reloader?.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing to read again: there is no web configuration file and no secret in a file; other settings are read at start")]
    private static partial void LogNothing(ILogger logger);
}
