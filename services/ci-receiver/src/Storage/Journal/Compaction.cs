using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>
/// Replaces a long journal by a snapshot: the writer only begins a new journal and copies the figures, the snapshot is
/// written beside it.
/// </summary>
internal sealed partial class Compaction(long journalLimit, Counter failures, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private Task _running = Task.CompletedTask;
    private volatile bool _failed;
    private long? _pausedSince;

    /// <summary>Begins where the journal is long enough and none runs. On the writer's thread.</summary>
    public void BeginIfDue(StateFolder folder, JobLedger ledger)
    {
        if (!_running.IsCompleted || (folder.JournalLength < journalLimit && !_failed)) return;
        // A disk that is full will be so for a while.
        if (_failed && _pausedSince is null) _pausedSince = time.GetTimestamp();
        if (_pausedSince is { } since && time.GetElapsedTime(since) < Pause) return;
        (_pausedSince, _failed) = (null, false);
        try
        {
            long generation = folder.BeginGeneration();
            LedgerImage image = ledger.Capture();
            _running = Task.Run(() => Write(folder, generation, image));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failed(exception);
        }
    }

    /// <summary>Ends when none runs.</summary>
    public Task WhenIdleAsync() => _running;

    private void Write(StateFolder folder, long generation, LedgerImage image)
    {
        long start = time.GetTimestamp();
        try
        {
            folder.WriteSnapshot(generation, record => LedgerCodec.WriteImage(image, record));
            TimeSpan duration = time.GetElapsedTime(start);
            LogWritten(duration, image.Counters.Count);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failed(exception);
        }
    }

    private void Failed(Exception exception)
    {
        failures.Inc();
        _failed = true;
        LogFailed(exception.Message);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A snapshot took the place of the journal")]
    private partial void LogWritten(TimeSpan duration, int series);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A snapshot could not be written; the journal goes on growing and keeps everything")]
    private partial void LogFailed(string reason);
}
