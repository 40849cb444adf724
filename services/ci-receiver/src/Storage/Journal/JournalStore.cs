using System.Buffers;
using CiMetrics.Durable;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>
/// A folder on this machine. Requests queue up for one writer; it decides all that wait, writes them with one sync, and
/// only then counts them and answers. What is in the ledger is on disk.
/// </summary>
internal sealed partial class JournalStore : IEventStore, IDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly RequestQueue _queue = new();
    private readonly List<PendingRequest> _batch = [];
    private readonly ArrayBufferWriter<byte> _record = new();
    private readonly StateFolder _folder;
    private readonly JobLedger _ledger;
    private readonly Compaction _compaction;
    private readonly StoreTally _tally;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a store of a folder that is open.</summary>
    public JournalStore(StateFolder folder, JobLedger ledger, Compaction compaction, StoreTally tally, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _ledger = ledger;
        _compaction = compaction;
        _tally = tally;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received) => _queue.AddAsync(events, received);

    /// <summary>Writes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await WaitAsync(stopping);
                WriteBatch();
            }
        }
        finally
        {
            _queue.Close("the receiver stops");
            await _compaction.WhenIdleAsync();
            Seal();
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>Declares series at 0, durably.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">The journal may not be written.</exception>
    public void Declare(IEnumerable<(SeriesKey Key, string Original)> series)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        List<(SeriesKey Key, string Original)> added = [.. series.Where(declared => !_ledger.IsDeclared(declared.Key))];
        foreach ((SeriesKey key, string original) in added)
        {
            _record.ResetWrittenCount();
            LedgerCodec.WriteDeclaration(_record, key, original, now);
            _folder.Append(_record.WrittenSpan);
        }

        _folder.Commit();
        foreach ((SeriesKey key, string original) in added) _ledger.Declare(key, original, now);
    }

    // While the disk refuses, nobody may send anything (the receiver is not ready then): so it is asked now and then.
    private async Task WaitAsync(CancellationToken stopping)
    {
        while (!_tally.IsUp)
        {
            if (await _queue.WaitAsync(ProbeInterval, _time, stopping)) return;
            _record.ResetWrittenCount();
            LedgerCodec.WriteProbe(_record);
            _folder.Append(_record.WrittenSpan);
            TryCommit();
        }

        await _queue.WaitAsync(stopping);
    }

    private void WriteBatch()
    {
        _batch.Clear();
        _ledger.BeginBatch();
        while (_queue.TryTake(_batch, out PendingRequest request)) Decide(request);

        // Repetitions alone need no room: they say nothing about the disk.
        if (_batch.Exists(request => request.Counted.Length > 0) && TryCommit() is { } problem)
        {
            foreach (PendingRequest request in _batch) request.Refuse(problem);
            return;
        }

        foreach (PendingRequest request in _batch)
        {
            _ledger.Apply(request.Counted, request.Time);
            request.Complete();
        }

        _compaction.BeginIfDue(_folder, _ledger);
        _tally.JournalBytes = _folder.JournalLength;
    }

    private void Decide(PendingRequest request)
    {
        request.Decide(_ledger.Decide);
        if (request.Counted.Length == 0) return;
        _record.ResetWrittenCount();
        LedgerCodec.WriteEvents(_record, request.Counted, request.Time);
        _folder.Append(_record.WrittenSpan);
    }

    private string? TryCommit()
    {
        long start = _time.GetTimestamp();
        try
        {
            _folder.Commit();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (_tally.IsUp) LogFailed(exception.Message, _folder.Path);
            _tally.Failed(exception.Message);
            return $"the disk of the data folder does not take it ({exception.Message})";
        }

        if (!_tally.IsUp) LogRecovered(_folder.Path);
        _tally.Committed(_time.GetElapsedTime(start));
        return null;
    }

    // The next start then knows that nothing was interrupted. Without it all is there as well.
    private void Seal()
    {
        try
        {
            _folder.Seal();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotSealed(exception.Message, _folder.Path);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The journal could not be sealed; the next start reads it as after a crash")]
    private partial void LogNotSealed(string reason, string folder);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events cannot be stored; senders are told to try again")]
    private partial void LogFailed(string reason, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Events can be stored again")]
    private partial void LogRecovered(string folder);
}
