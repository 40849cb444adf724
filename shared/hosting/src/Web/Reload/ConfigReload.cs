using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>What reads the configuration again in a service that has something to read.</summary>
internal sealed class ConfigReload : IDisposable
{
    private readonly ReloadSignal _signal = new();

    private ConfigReload(Reloader reloader) => Reloader = reloader;

    /// <summary>Reads again on request.</summary>
    public Reloader Reloader { get; }

    /// <summary>Watches files and SIGHUP and exports how reloads went; null where no file was given.</summary>
    /// <param name="settings">The settings, read.</param>
    /// <param name="applied">Called when something new is in force.</param>
    /// <param name="context">Where loops and collectors go.</param>
    /// <param name="logger">Where reloads are told.</param>
    public static ConfigReload? Start(ServiceSettings settings, Action applied, ServiceContext context, ILogger logger)
    {
        var reloadables = new List<IReloadable>();
        if (settings.Web.ConfigFile is { } web)
            reloadables.Add(web);
        if (new SecretFiles(settings.All) is { IsEmpty: false } secrets)
            reloadables.Add(secrets);
        if (reloadables.Count == 0)
            return null;

        var reload = new ConfigReload(new Reloader(reloadables, applied, context.Time, logger));
        context.Registry.Register(new ReloadCollector(reload.Reloader.States, () => settings.Web.Config));
        context.RunLoop("config-watch", reload.Reloader.WatchAsync);
        context.RunLoop("config-signal", stopping => reload._signal.WatchAsync(reload.Reloader.ReloadAsync, stopping));
        return reload;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signal.Dispose();
        Reloader.Dispose();
    }
}
