using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>Reads the runner's log wherever it is, also when it goes on elsewhere: in a container that was made anew, in another file.</summary>
internal sealed partial class LogSource(
    AlloySettings settings, LogSearch search, Func<ProcessId?> process, RunnerMonitor monitor, Checkpoint checkpoint, LogStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromSeconds(5);

    /// <summary>The loop; ends only by cancellation.</summary>
    /// <param name="kept">Where to go on.</param>
    /// <param name="stopping">Ends it; what was counted is kept first.</param>
    public async Task RunAsync(RunnerImage kept, CancellationToken stopping)
    {
        bool fromEnd = settings.FromEnd;
        while (true)
        {
            LogLocation location = await FindAsync(stopping);
            using CancellationTokenSource moved = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            Task watching = search.MayMove ? WatchAsync(location, moved) : Task.CompletedTask;
            try
            {
                if (location.Unit is { } unit)
                    await new JournalSource(monitor, checkpoint, status, time, logger).RunAsync(unit, kept.Cursor, fromEnd, moved.Token);
                else
                    await new LogFileSource(monitor, checkpoint, status, time, logger).RunAsync(location.File!, kept.Position, fromEnd, moved.Token);
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                LogMoved();
            }
            finally
            {
                await moved.CancelAsync();
                await watching;
            }
            // Another log, of which nothing was read.
            (kept, fromEnd) = (kept with { Position = null, Cursor = null }, false);
        }
    }

    private async Task<LogLocation> FindAsync(CancellationToken stopping)
    {
        bool isLogged = false;
        while (true)
        {
            if (await search.FindAsync(stopping) is { } found) return found;
            // Nothing is read, and there is nothing to wait for.
            status.CaughtUp();
            if (!isLogged) LogNowhere();
            isLogged = true;
            await Task.Delay(SearchInterval, time, stopping);
            checkpoint.Save(monitor.Image);
        }
    }

    // Only a log that is gone, or another process, is a reason to look again; and all of the old one is read first.
    private async Task WatchAsync(LogLocation location, CancellationTokenSource moved)
    {
        ProcessId? known = process();
        try
        {
            while (true)
            {
                await Task.Delay(SearchInterval, time, moved.Token);
                ProcessId? now = process();
                bool isGone = !status.Health.IsUp || (location.File is { } file && !File.Exists(file));
                if (!isGone && (now is null || now == known)) continue;
                LogLocation? found = await search.FindAsync(moved.Token);
                if (status.Health.Lag > 0) continue;
                if (found is not null && found != location)
                {
                    await moved.CancelAsync();
                    return;
                }
                known = now;
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing is read any more.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The runner's log goes on elsewhere")]
    private partial void LogMoved();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's log was not found yet; give --log-file, --log-container or --log-journal where it cannot be found by itself")]
    private partial void LogNowhere();
}
