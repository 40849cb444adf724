using CiMetrics.Durable;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>One log that is read now.</summary>
internal sealed class OpenLog : IDisposable
{
    private readonly string _runner;
    private readonly WorkerLines? _worker;
    private readonly LineHandler _handler;
    private readonly FileRead _from;
    private readonly byte[] _buffer;
    private LogFollower? _follower;
    private FollowCounts _counted;
    private LogPosition? _position;
    private Guid? _job;
    private FleetState? _state;

    public OpenLog(string folder, FileRead from, string runner, bool isWorkers, byte[] buffer)
    {
        _buffer = buffer;
        (Path, _from, _runner, _position, _job) = (System.IO.Path.Combine(folder, from.Name), from, runner, from.Position, from.Job);
        _worker = isWorkers ? new WorkerLines(runner, from.Job) : null;
        _handler = Take;
    }

    /// <summary>Its name in the folder.</summary>
    public string Name => _from.Name;

    private string Path { get; }

    /// <summary>When it last had more than before; the lowest value where it never had.</summary>
    public DateTimeOffset GrewAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Whether nobody has written to it for a time, or it was removed.</summary>
    public bool IsQuiet(DateTimeOffset now, TimeSpan time) =>
        _follower?.State == FollowState.Missing || now - GrewAt > time || (FileIdentity.Of(Path) is not { } file || now - file.Modified > time);

    /// <summary>Why it cannot be read; null while it can.</summary>
    public string? Problem => _follower?.Problem is { } problem ? $"{Path}: {problem}" : null;

    /// <summary>Where to go on.</summary>
    public FileRead Mark => new(Name, _position, _job);

    /// <summary>Reads a part of what is there; true when there may be more at once.</summary>
    public bool Read(FleetState state, LogFigures figures, DateTimeOffset now)
    {
        _state = state;
        _follower ??= new LogFollower(Path, _from.Position, buffer: _buffer);
        _follower.Read(_handler);
        FollowCounts counts = _follower.Counts;
        if (counts.Bytes > _counted.Bytes) GrewAt = now;
        figures.Bytes += counts.Bytes - _counted.Bytes;
        figures.Lines += counts.Lines - _counted.Lines;
        figures.CutLines += counts.CutLines - _counted.CutLines;
        figures.Gaps += counts.Gaps - _counted.Gaps;
        _counted = counts;
        // A message that was half read must be read from its beginning by who comes after us.
        if (_worker is not { IsInMessage: true }) (_position, _job) = (_follower.Position, _worker?.Job);
        return _follower.IsBehind;
    }

    /// <inheritdoc/>
    public void Dispose() => _follower?.Dispose();

    private void Take(ReadOnlySpan<byte> line, bool isCut)
    {
        if ((_worker is null ? ListenerLines.Read(_runner, line) : _worker.Read(line)) is { } fact) _state!.Apply(fact);
    }
}
