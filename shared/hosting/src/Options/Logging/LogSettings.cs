using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>How a command logs: level and format. Lines go to standard error.</summary>
public sealed class LogSettings
{
    private readonly Setting<string> _level;
    private readonly Setting<string> _format;

    /// <summary>Declares the settings.</summary>
    internal LogSettings(SettingSet settings)
    {
        _level = settings.OneOf("log.level", "Least important log lines to write", "info", "debug", "info", "warn", "error");
        _format = settings.OneOf("log.format", "Format of the log lines", "logfmt", "logfmt", "json");
    }

    /// <summary>A switch of the service's own that makes the log as talkative as possible where no level is given.</summary>
    public Setting<bool>? Talkative { get; set; }

    /// <summary>Makes the factory that every logger of the process comes from.</summary>
    internal ILoggerFactory CreateFactory()
    {
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(Least())
            // The web server's own lines matter only when something is wrong, or to who debugs.
            .MinimumLevel.Override("Microsoft", Level == "debug" ? LogEventLevel.Debug : LogEventLevel.Warning)
            // A failed start is told by ServiceRun, with what to do about it.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", Level == "debug" ? LogEventLevel.Debug : LogEventLevel.Fatal)
            .WriteTo.Console(
                _format.Value == "json" ? new JsonLinesFormatter() : new LogfmtFormatter(),
                standardErrorFromLevel: LogEventLevel.Verbose)
            .CreateLogger();
        return new SerilogLoggerFactory(logger, dispose: true);
    }

    private string Level => Talkative?.Value == true && _level.Source == SettingSource.Default ? "debug" : _level.Value;

    private LogEventLevel Least() => Level switch
    {
        "debug" => LogEventLevel.Debug,
        "info" => LogEventLevel.Information,
        "warn" => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}
