using CiMetrics.Durable;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>
/// Reads a log as it grows: each line once, in order, over renaming and creating, copying and truncating, and over a
/// restart of the reader from the position that it kept. It opens the file for reading only, waits for nothing and
/// never throws because of the file. Not thread-safe.
/// </summary>
public sealed class LogFollower : IDisposable
{
    /// <summary>Bytes that are read at a time.</summary>
    public const int BufferSize = 256 << 10;

    private readonly string _path;
    private readonly byte[] _buffer;
    private readonly Queue<FileIdentity> _older = new();
    private readonly bool _fromEnd;
    private LogPosition? _saved;
    private FollowedFile? _file;
    private FollowCounts _counts;
    private bool _isOlder;
    private bool _wasAtEnd;
    private bool _everOpened;

    /// <summary>Makes a follower; nothing is opened yet.</summary>
    /// <param name="path">The log; it need not exist.</param>
    /// <param name="saved">Where to go on; null: at the beginning.</param>
    /// <param name="fromEnd">Without a position to go on from: begin at the end of the file as it is found.</param>
    /// <param name="buffer">Room of <see cref="BufferSize"/> that followers share which are never read at the same time; null: room of its own.</param>
    public LogFollower(string path, LogPosition? saved = null, bool fromEnd = false, byte[]? buffer = null)
    {
        _buffer = buffer ?? GC.AllocateUninitializedArray<byte>(BufferSize);
        _path = Path.GetFullPath(path);
        _saved = saved;
        _fromEnd = fromEnd && saved is null;
    }

    /// <summary>The log.</summary>
    public string LogPath => _path;

    /// <summary>Whether it can be followed now.</summary>
    public FollowState State { get; private set; } = FollowState.Missing;

    /// <summary>Why the log is refused; null while it is not.</summary>
    public string? Problem { get; private set; }

    /// <summary>What was done so far.</summary>
    public FollowCounts Counts => _counts;

    /// <summary>Where to go on after a restart: everything before it was handed on. Null before a file was found.</summary>
    public LogPosition? Position => _file?.Position ?? _saved;

    /// <summary>True while there may be more to read at once.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Bytes of the present file that were not read yet; 0 where there is none.</summary>
    public long Lag => _file is null ? 0 : Math.Max(0, _file.Length - _file.Offset);

    /// <summary>
    /// Reads what is there, up to about <paramref name="most"/> bytes, and hands on its lines. Call it again at once
    /// while <see cref="IsBehind"/>, else when the log has changed.
    /// </summary>
    /// <param name="handler">Gets the lines; what it throws leaves the follower unusable.</param>
    /// <param name="most">After how many bytes to stop, so that what was counted can be kept and shown.</param>
    public void Read(LineHandler handler, long most = 4 << 20)
    {
        ArgumentNullException.ThrowIfNull(handler);
        try
        {
            long limit = _counts.Bytes + most;
            do
            {
                IsBehind = (_file is not null || Open()) && Advance(handler);
            }
            while (IsBehind && _counts.Bytes < limit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Refuse(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // One step: true when there may be more at once.
    private bool Advance(LineHandler handler)
    {
        FollowedFile file = _file!;
        if (_wasAtEnd && file.WasWrittenSinceLook() && !file.Continues())
        {
            Truncated(file);
            return true;
        }
        if (file is { Offset: 0, WasWritten: true } && !_isOlder && OpenWrittenAfter(file.Position, LogFile.Find(_path)?.Identity))
        {
            file.Dispose();
            return true;
        }
        (int bytes, int lines) = file.Read(_buffer, handler);
        _counts = _counts with { Bytes = _counts.Bytes + bytes, Lines = _counts.Lines + lines, CutLines = _counts.CutLines + file.TakeCutLines() };
        _wasAtEnd = bytes == 0;
        if (bytes > 0) return true;
        if (file.Length < file.Offset)
        {
            Truncated(file);
            return true;
        }
        if (_isOlder) return Next(handler);
        return LogFile.Find(_path) is { } now && !now.Identity.IsSameFileAs(file.Identity) && Rotated(now, file, handler);
    }

    private bool Rotated((string Path, FileIdentity Identity) now, FollowedFile file, LineHandler handler)
    {
        // While the new file is empty the writer may still have the old one open.
        if (now.Identity is { Kind: FileKind.File, Size: 0 }) return false;
        // What was written between the last reading and the first line of the new file.
        if (file.Length > file.Offset) return true;
        _counts = _counts with { Rotations = _counts.Rotations + 1 };
        IReadOnlyList<(string Path, FileIdentity Identity)> siblings = LogFile.Siblings(_path);
        Enqueue(siblings.SkipWhile(sibling => !sibling.Identity.IsSameFileAs(file.Identity)).Skip(1), now.Identity);
        return Next(handler);
    }

    // The file has new content; what it had after our position may be in a copy.
    private void Truncated(FollowedFile file)
    {
        _counts = _counts with { Truncations = _counts.Truncations + 1 };
        LogPosition position = file.Position;
        file.Dispose();
        _file = null;
        _wasAtEnd = false;
        GoOnFrom(position, isTruncation: true);
    }

    // Ends the file that is read now and opens the next one.
    private bool Next(LineHandler handler)
    {
        int lines = _file!.Finish(handler);
        _counts = _counts with { Lines = _counts.Lines + lines };
        LogPosition done = _file.Position;
        _file.Dispose();
        _file = null;
        _saved = null;
        _wasAtEnd = false;
        if (OpenNext()) return true;
        // Between renaming and creating there is no next one yet; what comes is known by what came before.
        _saved = done;
        return false;
    }

    private bool Open()
    {
        if (LogFile.Find(_path) is not { } now)
        {
            (State, Problem) = (FollowState.Missing, null);
            _everOpened = true;
            return false;
        }
        if (now.Identity.Kind != FileKind.File)
        {
            Refuse("it is no regular file; a pipe has one reader, and its writer would not outlive us");
            return false;
        }
        if (_saved is { } saved) return GoOnFrom(saved, isTruncation: false);
        if (_older.Count > 0) return OpenNext();
        // A file that came after we had begun to look was not there before: all of it is new.
        return Use(now.Path, _fromEnd && !_everOpened ? now.Identity.Size : 0, isOlder: false);
    }

    private bool OpenNext()
    {
        while (_older.TryDequeue(out FileIdentity? next))
        {
            // Rotation may have given it another name since.
            foreach ((string path, FileIdentity identity) in LogFile.Siblings(_path))
            {
                if (identity.IsSameFileAs(next)) return Use(path, 0, isOlder: true);
            }
            _counts = _counts with { Gaps = _counts.Gaps + 1 };
        }
        return LogFile.Find(_path) is { Identity.Kind: FileKind.File } now && Use(now.Path, 0, isOlder: false);
    }

    // Goes on where an earlier process, or this one, had stopped: in the same file, or in what it was renamed or copied to.
    private bool GoOnFrom(LogPosition position, bool isTruncation)
    {
        _saved = null;
        if (LogFile.Find(_path) is not { } now)
        {
            // Between renaming and creating: the next look decides.
            _saved = position;
            return false;
        }
        if (now.Identity.Kind == FileKind.File)
        {
            if (position.Offset == 0 && OpenWrittenAfter(position, now.Identity)) return true;
            if (!isTruncation && now.Identity.Device == position.Device && now.Identity.Inode == position.Inode && TryUse(now.Path, position, isOlder: false)) return true;
            IReadOnlyList<(string Path, FileIdentity Identity)> siblings = LogFile.Siblings(_path);
            for (int i = 0; i < siblings.Count; i++)
            {
                bool isSame = siblings[i].Identity.Device == position.Device && siblings[i].Identity.Inode == position.Inode;
                // A copy has the content and not the identity; nothing read yet is no content to know it by.
                if (!isSame && position.TailLength == 0) continue;
                if (!TryUse(siblings[i].Path, position, isOlder: true)) continue;
                if (!isTruncation) _counts = _counts with { Rotations = _counts.Rotations + 1 };
                Enqueue(siblings.Skip(i + 1), now.Identity);
                return true;
            }
        }
        if (position.Offset > 0) _counts = _counts with { Gaps = _counts.Gaps + (isTruncation ? 0 : 1) };
        return LogFile.Find(_path) is { Identity.Kind: FileKind.File } fresh && Use(fresh.Path, 0, isOlder: false);
    }

    // Nothing was read of the file: a copy of it cannot be known by its content, but by when it was written.
    private bool OpenWrittenAfter(LogPosition position, FileIdentity? current)
    {
        Enqueue(
            LogFile.Siblings(_path).Where(sibling =>
                sibling.Identity.ModifiedNanoseconds > position.ModifiedNanoseconds
                || (sibling.Identity.Device == position.Device && sibling.Identity.Inode == position.Inode)),
            current);
        return _older.Count > 0 && OpenNext();
    }

    private void Enqueue(IEnumerable<(string Path, FileIdentity Identity)> files, FileIdentity? current)
    {
        foreach ((_, FileIdentity identity) in files)
        {
            if (!identity.IsSameFileAs(current) && identity.Size > 0) _older.Enqueue(identity);
        }
    }

    private bool TryUse(string path, LogPosition position, bool isOlder)
    {
        FollowedFile? file = null;
        try
        {
            file = FollowedFile.Open(path, position.Offset);
            if (!file.Holds(position)) return false;
            Use(file, isOlder);
            file = null;
            return true;
        }
        catch (Exception exception) when (isOlder && exception is FileNotFoundException or UnauthorizedAccessException)
        {
            // An older part that is gone or closed to us is one that cannot be gone on with: the caller counts a gap.
            return false;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private bool Use(string path, long offset, bool isOlder)
    {
        Use(FollowedFile.Open(path, offset), isOlder);
        return true;
    }

    private void Use(FollowedFile file, bool isOlder)
    {
        (_file, _isOlder, _wasAtEnd, _everOpened) = (file, isOlder, false, true);
        (State, Problem) = (FollowState.Reading, null);
    }

    private void Refuse(string problem)
    {
        _saved = Position;
        _file?.Dispose();
        _file = null;
        IsBehind = false;
        (State, Problem) = (FollowState.Refused, problem);
    }
}
