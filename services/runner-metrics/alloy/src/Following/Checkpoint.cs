using System.Text.Json;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Durable;
using CiMetrics.RunnerMetrics.Checkpoints;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>
/// Keeps the position in the log together with what was counted up to there, at most once a second. What was counted
/// since then is read and counted again after a crash, so that the totals come out the same.
/// </summary>
internal sealed partial class Checkpoint(CheckpointFile file, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private byte[] _last = file.Found ?? [];
    private DateTimeOffset _tried = DateTimeOffset.MinValue;
    private bool _isFailing;

    /// <summary>Times that it could not be kept.</summary>
    public long Failures { get; private set; }

    /// <summary>When it was last kept.</summary>
    public DateTimeOffset? SavedAt { get; private set; }

    /// <summary>What an earlier process kept; a new image where there is none.</summary>
    /// <exception cref="DamagedFileException">It was written by a later version.</exception>
    public static RunnerImage Read(CheckpointFile file)
    {
        if (file.Found is not { } found) return new RunnerImage();
        try
        {
            return JsonSerializer.Deserialize(found, RunnerImageJson.Default.RunnerImage) is { Version: 1 } image
                ? image
                : throw new DamagedFileException("checkpoint", 0, "it is of another version");
        }
        catch (JsonException exception)
        {
            throw new DamagedFileException("checkpoint", exception.BytePositionInLine ?? 0, "it is not in this version's format");
        }
    }

    /// <summary>Keeps an image if it is time and it has changed.</summary>
    /// <param name="image">Makes the image.</param>
    /// <param name="isLast">There will be no other time.</param>
    /// <returns>Whether it is kept now; else there has to be another time.</returns>
    public bool Save(Func<RunnerImage> image, bool isLast = false)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (!isLast && now - _tried < Interval) return false;
        _tried = now;
        byte[] record = JsonSerializer.SerializeToUtf8Bytes(image(), RunnerImageJson.Default.RunnerImage);
        if (record.AsSpan().SequenceEqual(_last)) return true;
        try
        {
            file.Save(record);
            (_last, SavedAt) = (record, now);
            if (_isFailing) LogKept();
            _isFailing = false;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Failures++;
            if (!_isFailing) LogNotKept(exception.Message);
            _isFailing = true;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The position in the log and the counters cannot be kept; after a restart the log is read again from the last ones kept")]
    private partial void LogNotKept(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The position in the log and the counters are kept again")]
    private partial void LogKept();
}
