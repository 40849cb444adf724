using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using CiMetrics.Durable;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Receiver.Storage;

/// <summary>
/// A folder on this machine. Requests queue up for one writer; it decides all that wait, writes them with one sync, and
/// only then counts them and answers. What is in the ledger is on disk.
/// </summary>
internal sealed partial class JournalStore : IEventStore, IDisposable
{
    private const int MostWaiting = 4096;
    private const int MostInBatch = 1024;
    private const int RetryAfterSeconds = 2;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MostWaiting) { SingleReader = false });
    private readonly List<Waiting> _batch = [];
    private readonly List<CountedEvent> _counted = [];
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
    public Task<StoreResult> AddAsync(IReadOnlyList<JobEvent> events, DateTimeOffset received)
    {
        Waiting waiting = new(events, received.ToUnixTimeMilliseconds());
        return _queue.Writer.TryWrite(waiting) ? waiting.Answer.Task : Task.FromResult(StoreResult.Busy);
    }

    /// <summary>Writes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (await WaitAsync(stopping)) WriteBatch();
        }
        finally
        {
            _queue.Writer.Complete();
            while (_queue.Reader.TryRead(out Waiting? late)) late.Answer.SetResult(StoreResult.Unavailable("the receiver stops", RetryAfterSeconds));
            await _compaction.WhenIdleAsync();
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>Declares series at 0, durably.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
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
    private async Task<bool> WaitAsync(CancellationToken stopping)
    {
        while (!_tally.IsUp)
        {
            using CancellationTokenSource soon = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            soon.CancelAfter(ProbeInterval);
            try
            {
                return await _queue.Reader.WaitToReadAsync(soon.Token);
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                _record.ResetWrittenCount();
                LedgerCodec.WriteProbe(_record);
                _folder.Append(_record.WrittenSpan);
                TryCommit();
            }
        }

        return await _queue.Reader.WaitToReadAsync(stopping);
    }

    private void WriteBatch()
    {
        _batch.Clear();
        _ledger.BeginBatch();
        while (_batch.Count < MostInBatch && _queue.Reader.TryRead(out Waiting? waiting))
        {
            _batch.Add(waiting);
            Decide(waiting);
        }

        // Repetitions alone need no room: they say nothing about the disk.
        if (_batch.Exists(waiting => waiting.Counted.Length > 0) && TryCommit() is { } problem)
        {
            StoreResult unavailable = StoreResult.Unavailable(problem, RetryAfterSeconds);
            foreach (Waiting waiting in _batch) waiting.Answer.SetResult(unavailable);
            return;
        }

        foreach (Waiting waiting in _batch)
        {
            _ledger.Apply(waiting.Counted, waiting.Time);
            waiting.Answer.SetResult(StoreResult.Stored(waiting.Decisions));
        }

        _compaction.BeginIfDue(_folder, _ledger);
        _tally.JournalBytes = _folder.JournalLength;
    }

    private void Decide(Waiting waiting)
    {
        _counted.Clear();
        waiting.Decisions = new Decision[waiting.Events.Count];
        for (int i = 0; i < waiting.Decisions.Length; i++)
        {
            waiting.Decisions[i] = _ledger.Decide(waiting.Events[i]);
            if (waiting.Decisions[i].Event is { } counted) _counted.Add(counted);
        }

        if (_counted.Count == 0) return;
        waiting.Counted = [.. _counted];
        _record.ResetWrittenCount();
        LedgerCodec.WriteEvents(_record, waiting.Counted, waiting.Time);
        _folder.Append(_record.WrittenSpan);
    }

    private string? TryCommit()
    {
        long start = _time.GetTimestamp();
        try
        {
            _folder.Commit();
        }
        catch (IOException exception)
        {
            if (_tally.IsUp) LogFailed(exception.Message, _folder.Path);
            _tally.Failed(exception.Message);
            return $"the disk of the data folder does not take it ({exception.Message})";
        }

        if (!_tally.IsUp) LogRecovered(_folder.Path);
        _tally.Committed(_time.GetElapsedTime(start));
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Events cannot be stored; senders are told to try again")]
    private partial void LogFailed(string reason, string folder);

    [LoggerMessage(Level = LogLevel.Information, Message = "Events can be stored again")]
    private partial void LogRecovered(string folder);

    private sealed class Waiting(IReadOnlyList<JobEvent> events, long time)
    {
        public IReadOnlyList<JobEvent> Events => events;

        public long Time => time;

        public Decision[] Decisions { get; set; } = [];

        public CountedEvent[] Counted { get; set; } = [];

        public TaskCompletionSource<StoreResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
