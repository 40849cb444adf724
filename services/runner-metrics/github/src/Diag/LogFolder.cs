using CiMetrics.Durable;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>
/// Follows the logs of one kind (<c>Runner_*</c> or <c>Worker_*</c>) in a folder where each start, and each 8 MB, begins a
/// new one: all are read to their end, and the one that came last is followed. Not thread-safe.
/// </summary>
internal sealed class LogFolder : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly string _folder;
    private readonly string _prefix;
    private readonly string _runner;
    private readonly TimeProvider _time;
    private readonly List<OpenLog> _open = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LogFollower.BufferSize);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private long _looked = long.MinValue;
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _changedAt = DateTimeOffset.MinValue;

    /// <summary>Makes it; nothing is opened yet.</summary>
    public LogFolder(string folder, string prefix, string runner, TimeProvider time) => (_folder, _prefix, _runner, _time) = (folder, prefix, runner, time);

    /// <summary>What was done so far.</summary>
    public LogFigures Figures { get; } = new();

    /// <summary>Why the folder or a log cannot be read; null while all can.</summary>
    public string? Problem { get; private set; }

    /// <summary>True while there may be more to read at once.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Reads what is there, up to some megabytes, into the state, and notes there how far that was.</summary>
    public void Read(FleetState state, FilesRead read)
    {
        IsBehind = false;
        Problem = null;
        (long bytes, int done) = (Figures.Bytes, read.Done.Count);
        try
        {
            Look(read);
            ReadOpen(state, read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Problem = exception.Message;
        }
        // Before there was a log to look at, what an earlier process has read stands as it is.
        if (_known.Count == 0) return;
        if (Figures.Bytes != bytes || read.Done.Count != done || read.Open.Count(each => each.Name.StartsWith(_prefix, StringComparison.Ordinal)) != _open.Count) state.Move();
        read.Open = [.. read.Open.Where(each => !each.Name.StartsWith(_prefix, StringComparison.Ordinal)), .. _open.Select(log => log.Mark)];
    }

    /// <inheritdoc/>
    public void Dispose() => _open.ForEach(log => log.Dispose());

    private void ReadOpen(FleetState state, FilesRead read)
    {
        for (int i = 0; i < _open.Count && !IsBehind; i++)
        {
            OpenLog log = _open[i];
            IsBehind = log.Read(state, Figures, _time.GetUtcNow());
            Problem ??= log.Problem;
            bool isLast = i == _open.Count - 1;
            if (IsBehind || isLast || !log.IsQuiet(_time.GetUtcNow(), Quiet)) continue;
            // A later one has taken its place, and nothing is written to it any more.
            read.Done.Add(log.Name);
            log.Dispose();
            _open.RemoveAt(i--);
        }
    }

    private void Look(FilesRead read)
    {
        long modified = FileIdentity.Of(_folder)?.ModifiedNanoseconds ?? throw new DirectoryNotFoundException($"there is no folder {_folder}");
        DateTimeOffset now = _time.GetUtcNow();
        // The folder's own time tells of new files, but no finer than the kernel's clock ticks; some volumes have none.
        bool isSettled = now - _changedAt > Quiet && now - _lookedAt < TimeSpan.FromSeconds(30);
        if (modified == _looked && isSettled) return;
        if (modified != _looked) _changedAt = now;
        (_looked, _lookedAt) = (modified, now);
        List<string> names = [.. Directory.EnumerateFiles(_folder, _prefix + "*.log").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        // A volume that is not mounted yet says nothing of which logs there are.
        if (names.Count == 0) return;
        // Those that were open before come first, in the order in which they had come: a clock may have been set back.
        if (_known.Count == 0)
        {
            foreach (FileRead each in read.Open.Where(each => each.Name.StartsWith(_prefix, StringComparison.Ordinal) && names.Contains(each.Name, StringComparer.Ordinal)).ToArray())
            {
                if (_known.Add(each.Name)) Add(each);
            }
        }
        foreach (string name in names)
        {
            if (_known.Add(name) && !read.Done.Contains(name)) Add(new FileRead(name, null, null));
        }
        // The runner removes logs after thirty days.
        HashSet<string> there = new(names, StringComparer.Ordinal);
        read.Done.RemoveWhere(name => name.StartsWith(_prefix, StringComparison.Ordinal) && !there.Contains(name));
        _known.IntersectWith(there);
    }

    private void Add(FileRead from) => _open.Add(new OpenLog(_folder, from, _runner, _prefix.StartsWith("Worker", StringComparison.Ordinal), _buffer));
}

/// <summary>What reading logs has come to since the start of ours.</summary>
internal sealed class LogFigures
{
    public long Bytes { get; set; }

    public long Lines { get; set; }

    public long CutLines { get; set; }

    public long Gaps { get; set; }
}
