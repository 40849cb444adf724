using CiMetrics.Durable;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>Opens the data folder and reads the ledger back; failures become messages that say what to do.</summary>
internal static partial class DataFolder
{
    /// <summary>Opens the folder and fills the ledger.</summary>
    /// <exception cref="ServiceFailedException">It cannot be used; the message says why.</exception>
    public static StateFolder Open(string path, JobLedger ledger, TimeProvider time, ILogger logger)
    {
        long start = time.GetTimestamp();
        LedgerLoader loader = new(ledger);
        try
        {
            StateFolder folder = StateFolder.Open(path, loader.Read);
            if (folder.Recovery.CutBytes > 0) LogCut(logger, folder.Recovery.CutBytes, path);
            TimeSpan duration = time.GetElapsedTime(start);
            LogRead(logger, path, folder.Recovery.Records, duration);
            return folder;
        }
        catch (InvalidDataException exception)
        {
            throw new ServiceFailedException($"cannot read the data folder {path}: {exception.Message}; use the version that wrote it, or move the folder away to start without it", exception);
        }
        catch (Exception exception) when (exception is FolderInUseException or DamagedFileException)
        {
            throw new ServiceFailedException($"cannot start: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"cannot use the data folder {path}: {exception.Message}; name another one with --data-dir", exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read the ledger")]
    private static partial void LogRead(ILogger logger, string folder, long records, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal did not end in order, and its end was no whole record and was cut off: a write that was interrupted, whose senders were not told that it was stored; damage of the last write would look the same")]
    private static partial void LogCut(ILogger logger, long bytes, string folder);
}
