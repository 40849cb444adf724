using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Reading;

/// <summary>Takes the lines of the runner's log into the state, whatever they come through. Not thread-safe.</summary>
internal sealed class LineIntake
{
    private readonly LineReader _reader = new();
    private readonly TimeProvider _time;
    private readonly Action<RunnerEvent> _apply;
    private RunnerState? _state;

    public LineIntake(TimeProvider time)
    {
        _time = time;
        // Made once: a line is to cost nothing.
        _apply = happened => _state!.Apply(happened);
    }

    /// <summary>Takes a line in.</summary>
    /// <param name="state">Where to.</param>
    /// <param name="line">The line.</param>
    /// <param name="isLive">Whether it was written just now: then a line without a time has the present one.</param>
    /// <param name="written">When it was written, where what it came through says so.</param>
    public void Take(RunnerState state, ReadOnlySpan<byte> line, bool isLive, DateTimeOffset? written = null)
    {
        _state = state;
        switch (_reader.Read(line, out LogEntry entry))
        {
            case LineKind.Entry:
                state.CountLine(entry.Level);
                DateTimeOffset? when = entry.Time ?? written ?? (isLive ? _time.GetUtcNow() : null);
                if (EventReader.Read(entry, when, _apply) == EventReader.Outcome.Incomplete) state.CountUnparsed();
                break;
            case LineKind.Unknown:
                state.CountUnparsed();
                break;
            case LineKind.Nothing or LineKind.Part:
                break;
        }
    }
}
