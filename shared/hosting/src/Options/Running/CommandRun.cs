using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>One run of a subcommand that a service brings.</summary>
internal static partial class CommandRun
{
    /// <summary>Runs it; returns its exit code, or 1 when it failed.</summary>
    public static async Task<int> RunAsync(Func<CommandContext, Task<int>> run, LogSettings log, string command)
    {
        using var loggers = log.CreateFactory();
        using var signals = new ShutdownSignals();
        var logger = loggers.CreateLogger(command);
        try
        {
            return await run(new CommandContext(loggers, TimeProvider.System, signals.Stopping));
        }
        catch (ServiceFailedException exception)
        {
            LogFailed(logger, exception.Message);
        }
        catch (Exception exception)
        {
            LogBroke(logger, exception);
        }
        return ExitCode.Failed;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Message}")]
    private static partial void LogFailed(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Failed")]
    private static partial void LogBroke(ILogger logger, Exception exception);
}
