using System.Text;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.GitHubRunner.Steps;

/// <summary>
/// One file of a step's output. The runner removes it soon after its end; once it is open its content stays readable.
/// </summary>
internal sealed class StepFile : IDisposable
{
    private readonly string _path;
    private readonly StepLines _lines;
    private readonly LogFollower _follower;
    private readonly LineHandler _handler;
    private readonly List<Fact> _facts = [];
    private readonly string _runner;
    private readonly string _step;

    /// <summary>Makes it; the file is opened by the first reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="runner">The runner.</param>
    /// <param name="step">The step's id: how often it was counted is kept under it.</param>
    /// <param name="lines">What reads all files of the step.</param>
    /// <param name="buffer">Room that files share which are read one after the other.</param>
    public StepFile(string path, string runner, string step, StepLines lines, byte[] buffer)
    {
        (_path, _runner, _step, _lines) = (path, runner, step, lines);
        _follower = new LogFollower(path, buffer: buffer);
        _handler = Take;
    }

    /// <summary>Reads what is there; gives what it says, and whether there will be no more.</summary>
    public (IReadOnlyList<Fact> Facts, bool IsOver) Read()
    {
        _facts.Clear();
        long before;
        bool isGone;
        do
        {
            // Asked before reading: what was written up to the removal is read after it.
            isGone = !File.Exists(_path);
            before = _follower.Counts.Bytes;
            _follower.Read(_handler);
        }
        while (_follower.IsBehind);
        return (_facts, isGone && _follower.Counts.Bytes == before);
    }

    /// <inheritdoc/>
    public void Dispose() => _follower.Dispose();

    private void Take(ReadOnlySpan<byte> line, bool isCut)
    {
        if (line.StartsWith("\uFEFF"u8)) line = line[3..];
        // A time with a T and a Z, and a blank.
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> text = blank is >= 20 and <= 33 && line[10] == (byte)'T' && line[blank - 1] == (byte)'Z' ? line[(blank + 1)..] : line;
        if (isCut || text.Length > 4096) return;
        if (_lines.Read(Encoding.UTF8.GetString(text)) is var (type, result))
            _facts.Add(new Fact.CacheRestored(_runner, _step, _lines.Count, type, result));
    }
}
