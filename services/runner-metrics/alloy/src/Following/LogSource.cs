using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>Reads the runner's log where the settings say it is, or where the runner's process shows that it is.</summary>
internal sealed partial class LogSource(
    AlloySettings settings, ProcFolder proc, ProcessFinder finder, RunnerMonitor monitor, Checkpoint checkpoint, LogStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(5);

    /// <summary>The loop; ends only by cancellation.</summary>
    /// <param name="kept">Where to go on.</param>
    /// <param name="stopping">Ends it; what was counted is kept first.</param>
    public async Task RunAsync(RunnerImage kept, CancellationToken stopping)
    {
        LogLocation location = await FindAsync(stopping);
        if (location.Unit is { } unit)
            await new JournalSource(monitor, checkpoint, status, time, logger).RunAsync(unit, kept.Cursor, settings.FromEnd, stopping);
        else
            await new LogFileSource(monitor, checkpoint, status, time, logger).RunAsync(location.File!, kept.Position, settings.FromEnd, stopping);
    }

    private async Task<LogLocation> FindAsync(CancellationToken stopping)
    {
        bool isLogged = false;
        while (true)
        {
            if (Find() is { } found) return found;
            // Nothing is read, and there is nothing to wait for.
            status.CaughtUp();
            if (!isLogged) LogNowhere();
            isLogged = true;
            await Task.Delay(SearchInterval, time, stopping);
            checkpoint.Save(monitor.Image);
        }
    }

    private LogLocation? Find()
    {
        if (settings.LogFile.Value is { Length: > 0 } file) return new LogLocation(file, null);
        if (settings.LogJournal.Value is { Length: > 0 } unit) return new LogLocation(null, unit);
        if (settings.LogContainer.Value is { Length: > 0 } container) return LogLocation.OfContainer(container);
        return finder.Find() is { } pid ? LogLocation.Of(proc, pid) : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's log was not found yet; give --log-file, --log-container or --log-journal where it cannot be found by itself")]
    private partial void LogNowhere();
}
