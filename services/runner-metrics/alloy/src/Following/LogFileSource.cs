using CiMetrics.AlloyRunner.Reading;
using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Following;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Following;

/// <summary>Reads the runner's log from a file, a container's log among them, for as long as the service runs.</summary>
internal sealed partial class LogFileSource(
    RunnerMonitor monitor, Checkpoint checkpoint, LogStatus status, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private FollowState? _logged;

    /// <summary>The loop; ends only by cancellation.</summary>
    /// <param name="path">The log.</param>
    /// <param name="position">Where to go on.</param>
    /// <param name="fromEnd">Where there is no position: whether to begin at the end.</param>
    /// <param name="stopping">Ends it; what was counted is kept first.</param>
    public async Task RunAsync(string path, LogPosition? position, bool fromEnd, CancellationToken stopping)
    {
        using LogFollower follower = new(path, position, fromEnd);
        using LogChanges changes = new(path, Interval, time);
        LineIntake intake = new(time);
        bool isLive = false;
        RunnerState state = null!;
        (long Version, long Bytes) kept = (-1, -1);
        LineHandler handler = (line, _) => intake.Take(state, line, isLive);
        try
        {
            while (true)
            {
                bool isBehind = monitor.Write(owned =>
                {
                    state = owned;
                    follower.Read(handler);
                    return follower.IsBehind;
                });
                Tell(follower, path);
                // Asked before the image is made: what comes meanwhile is kept another time.
                (long Version, long Bytes) now = (monitor.Version, follower.Counts.Bytes);
                if (kept != now && checkpoint.Save(() => monitor.Image() with { Position = follower.Position, Cursor = null })) kept = now;
                if (isBehind)
                {
                    stopping.ThrowIfCancellationRequested();
                    continue;
                }
                // From here on lines are read as they are written.
                isLive = true;
                status.CaughtUp();
                await changes.WaitAsync(stopping);
            }
        }
        finally
        {
            checkpoint.Save(() => monitor.Image() with { Position = follower.Position, Cursor = null }, isLast: true);
        }
    }

    private void Tell(LogFollower follower, string path)
    {
        FollowCounts counts = follower.Counts;
        status.Health = new LogHealth("file", follower.State == FollowState.Reading)
        {
            Bytes = counts.Bytes,
            Lines = counts.Lines,
            CutLines = counts.CutLines,
            Rotations = counts.Rotations,
            Truncations = counts.Truncations,
            Gaps = counts.Gaps,
            Lag = follower.Lag,
            CheckpointFailures = checkpoint.Failures,
            CheckpointAt = checkpoint.SavedAt,
        };
        if (follower.State == _logged) return;
        _logged = follower.State;
        if (follower.State == FollowState.Reading) LogReading(path);
        else LogNotReading(path, follower.Problem ?? "there is no such file");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading the runner's log")]
    private partial void LogReading(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's log cannot be read; trying again")]
    private partial void LogNotReading(string path, string reason);
}
