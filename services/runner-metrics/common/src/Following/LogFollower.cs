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
        if (_wasAtEnd && file.WasWrittenSinceLook() && !file.Continues()) return Truncated(file);
        // Nothing was read of it, so that other content is not noticed: but what was written and copied meanwhile is there.
        if (file is { Offset: 0, WasWritten: true } && !_isOlder
            && LogParts.Of(_path).FirstWrittenAfter(file.Position) is { IsCurrent: false } missed && !missed.Identity.IsSameFileAs(file.Identity))
        {
            file.Dispose();
            return Use(missed);
        }
        (int bytes, int lines) = file.Read(_buffer, handler);
        _counts = _counts with { Bytes = _counts.Bytes + bytes, Lines = _counts.Lines + lines, CutLines = _counts.CutLines + file.TakeCutLines() };
        _wasAtEnd = bytes == 0;
        if (bytes > 0) return true;
        if (file.Length < file.Offset) return Truncated(file);
        if (_isOlder) return Next(handler);
        return LogFile.Find(_path) is { } now && !now.Identity.IsSameFileAs(file.Identity) && Rotated(now.Identity, file, handler);
    }

    private bool Rotated(FileIdentity now, FollowedFile file, LineHandler handler)
    {
        // While the new file is empty the writer may still have the old one open.
        if (now is { Kind: FileKind.File, Size: 0 }) return false;
        // What was written between the last reading and the first line of the new file.
        if (file.Length > file.Offset) return true;
        _counts = _counts with { Rotations = _counts.Rotations + 1 };
        return Next(handler);
    }

    // The file has new content; what it had after our position may be in a copy.
    private bool Truncated(FollowedFile file)
    {
        _counts = _counts with { Truncations = _counts.Truncations + 1 };
        LogPosition position = file.Position;
        file.Dispose();
        _file = null;
        _saved = position;
        _wasAtEnd = false;
        LogParts parts = LogParts.Of(_path);
        if (OpenCopy(parts, position)) return true;
        return (parts.Same(position) ?? parts.Current) is { } part && Use(part);
    }

    // Ends the file that is read now and opens the one that goes on.
    private bool Next(LineHandler handler)
    {
        FollowedFile file = _file!;
        _counts = _counts with { Lines = _counts.Lines + file.Finish(handler) };
        LogPosition done = file.Position;
        FileIdentity identity = file.Identity;
        file.Dispose();
        _file = null;
        _saved = done;
        _wasAtEnd = false;
        // Between renaming and creating there is no next one yet; what comes is known by what came before.
        return LogParts.Of(_path).After(identity) is { } next && Use(next);
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
        if (_saved is { } saved) return GoOnFrom(saved);
        // A file that came after we had begun to look was not there before: all of it is new.
        return Use(new LogPart(now.Path, now.Identity, IsCurrent: true), _fromEnd && !_everOpened ? now.Identity.Size : 0);
    }

    // Goes on where an earlier process, or this one, had stopped: in the same file, whatever it is called now, or in a copy.
    private bool GoOnFrom(LogPosition position)
    {
        LogParts parts = LogParts.Of(_path);
        if (parts.Current is null) return false;
        // Of a file of which nothing was read a copy cannot be known by its content, but by when it was written.
        if (position.Offset == 0) return (parts.FirstWrittenAfter(position) ?? parts.Current) is { } first && Use(first);
        if (parts.Same(position) is { } same && TryUse(same, position)) return true;
        if (OpenCopy(parts, position)) return true;
        _counts = _counts with { Gaps = _counts.Gaps + 1 };
        return (parts.FirstWrittenAfter(position) ?? parts.Current) is { } later && Use(later);
    }

    private bool OpenCopy(LogParts parts, LogPosition position) =>
        position.TailLength > 0 && parts.PossibleCopies(position).Any(part => TryUse(part, position));

    private bool TryUse(LogPart part, LogPosition position)
    {
        FollowedFile? file = null;
        try
        {
            file = FollowedFile.Open(part.Path, position.Offset);
            if (!file.Identity.IsSameFileAs(part.Identity) || !file.Holds(position)) return false;
            Use(file, !part.IsCurrent);
            file = null;
            return true;
        }
        catch (Exception exception) when (!part.IsCurrent && exception is FileNotFoundException or UnauthorizedAccessException)
        {
            // An older part that is gone or closed to us is one that cannot be gone on with: the caller counts a gap.
            return false;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private bool Use(LogPart part, long offset = 0)
    {
        FollowedFile file = FollowedFile.Open(part.Path, offset);
        // Renamed between the look and the opening: the file is the wrong one, and is found under its new name.
        if (!file.Identity.IsSameFileAs(part.Identity))
        {
            file.Dispose();
            if (LogParts.Of(_path).All.FirstOrDefault(other => other.Identity.IsSameFileAs(part.Identity)) is not { } moved) throw new IOException("it was rotated away while it was opened");
            return Use(moved, offset);
        }
        Use(file, !part.IsCurrent);
        return true;
    }

    private void Use(FollowedFile file, bool isOlder)
    {
        (_file, _isOlder, _wasAtEnd, _everOpened, _saved) = (file, isOlder, false, true, null);
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
