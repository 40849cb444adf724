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
internal sealed class Checkpoint(CheckpointFile file, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private byte[] _last = file.Found ?? [];
    private DateTimeOffset _tried = DateTimeOffset.MinValue;

    /// <summary>Times that it could not be kept.</summary>
    public long Failures => file.Failures;

    /// <summary>When it was last kept.</summary>
    public DateTimeOffset? SavedAt => file.SavedAt;

    /// <summary>What an earlier process kept; a new image where there is none.</summary>
    /// <exception cref="DamagedFileException">It was written by a later version.</exception>
    public static RunnerImage Read(CheckpointFile file) => file.Read(RunnerImageJson.Default.RunnerImage, image => image.Version == 1) ?? new RunnerImage();

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
        if (!file.TrySave(record, time, logger)) return false;
        _last = record;
        return true;
    }
}
