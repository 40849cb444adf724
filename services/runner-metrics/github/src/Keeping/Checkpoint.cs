using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using CiMetrics.Durable;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Checkpoints;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Keeping;

/// <summary>
/// Keeps positions, counters and jobs as one record: about once a second while something changes, and at once where
/// somebody waits for it to be durable; all who wait at a time share one writing.
/// </summary>
internal sealed class Checkpoint(CheckpointFile file, FleetMonitor monitor, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Lines that say nothing would only be read again.
    private static readonly TimeSpan PositionInterval = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly List<(long Version, TaskCompletionSource<bool> Done)> _waiting = [];

    // Used again and again: arrays of this size would lie around until the garbage collector's longest round.
    private readonly ArrayBufferWriter<byte> _record = new();

    /// <summary>Times that it could not be kept.</summary>
    public long Failures => file.Failures;

    /// <summary>When it was last kept.</summary>
    public DateTimeOffset? SavedAt => file.SavedAt;

    /// <summary>What an earlier process kept; a new image where there is none.</summary>
    /// <exception cref="DamagedFileException">It was written by a later version.</exception>
    public static FleetImage Read(CheckpointFile file) => file.Read(FleetImageJson.Default.FleetImage, image => image.Version == 1) ?? new FleetImage();

    /// <summary>Waits until a writing is durable; false where it cannot be kept now.</summary>
    /// <param name="version">The writing's number.</param>
    /// <param name="cancellation">Ends the wait, not the writing.</param>
    public Task<bool> KeptAsync(long version, CancellationToken cancellation)
    {
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add((version, done));
        _wanted.Writer.TryWrite(true);
        return done.Task.WaitAsync(cancellation);
    }

    /// <summary>The loop; ends only by cancellation, and keeps what there is then.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await WaitAsync(stopping);
                Save();
            }
        }
        finally
        {
            Save(isLast: true);
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        using CancellationTokenSource limit = new(Interval, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        try
        {
            await _wanted.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // It is time.
        }
    }

    private void Save(bool isLast = false)
    {
        bool isDue = isLast || !(time.GetUtcNow() - SavedAt < PositionInterval);
        (ArrayBufferWriter<byte>? record, long version) = monitor.Keep(Serialize, state => file.IsFailing || (isDue && state.HasMoved));
        bool isKept = record is null || file.TrySave(record.WrittenSpan, time, logger);
        lock (_lock)
        {
            foreach ((long wanted, TaskCompletionSource<bool> done) in _waiting)
            {
                if (wanted <= version) done.TrySetResult(isKept);
            }
            _waiting.RemoveAll(each => each.Version <= version);
        }
    }

    private ArrayBufferWriter<byte> Serialize(FleetImage image)
    {
        _record.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_record);
        JsonSerializer.Serialize(writer, image, FleetImageJson.Default.FleetImage);
        return _record;
    }
}
