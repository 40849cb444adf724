using CiMetrics.Durable;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>A file that is, or may be, a part of a log.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Identity">Which file it is.</param>
/// <param name="IsCurrent">Whether it has the log's own name: what is written goes there.</param>
internal sealed record LogPart(string Path, FileIdentity Identity, bool IsCurrent);

/// <summary>The parts of a log at one moment, the oldest first and the current one where its time puts it.</summary>
internal sealed class LogParts
{
    private const int MostScans = 20;

    private readonly List<LogPart> _parts;

    private LogParts(List<LogPart> parts) => _parts = parts;

    /// <summary>The parts.</summary>
    public IReadOnlyList<LogPart> All => _parts;

    /// <summary>The one with the log's own name; null where there is none now, or it is no file.</summary>
    public LogPart? Current => _parts.Find(part => part.IsCurrent);

    /// <summary>Looks.</summary>
    /// <param name="path">The log.</param>
    public static LogParts Of(string path)
    {
        List<LogPart> found = Scan(path);
        // Who rotates while we look can show us a file under two names, or none: two looks must agree.
        for (int again = 0; again < MostScans; again++)
        {
            List<LogPart> before = found;
            found = Scan(path);
            if (before.Select(Key).SequenceEqual(found.Select(Key))) break;
        }
        found.Sort(Compare);
        return new LogParts([.. found.DistinctBy(part => (part.Identity.Device, part.Identity.Inode))]);

        static (string, ulong, ulong) Key(LogPart part) => (part.Path, part.Identity.Device, part.Identity.Inode);
    }

    /// <summary>The part that goes on where this file ends; null where there is none yet.</summary>
    public LogPart? After(FileIdentity file)
    {
        int index = _parts.FindIndex(part => part.Identity.IsSameFileAs(file));
        // Removed, or renamed to something that we do not know: then only the current one can be it.
        return index < 0 ? Current : _parts.Skip(index + 1).FirstOrDefault(part => part.IsCurrent || part.Identity.Size > 0);
    }

    /// <summary>The file that a position is in; null where it is not there any more.</summary>
    public LogPart? Same(LogPosition position) => _parts.Find(part => IsSame(part, position));

    /// <summary>Files that may be copies of what the position is in: they were written after it had been opened.</summary>
    public IEnumerable<LogPart> PossibleCopies(LogPosition position) =>
        _parts.Where(part => !part.IsCurrent && !IsSame(part, position) && part.Identity.ModifiedNanoseconds >= position.ModifiedNanoseconds);

    /// <summary>The first part with something that came after the position's file had been opened, or that file itself.</summary>
    public LogPart? FirstWrittenAfter(LogPosition position) =>
        _parts.Find(part => IsSame(part, position) || part.Identity.ModifiedNanoseconds > position.ModifiedNanoseconds);

    private static bool IsSame(LogPart part, LogPosition position) => part.Identity.Device == position.Device && part.Identity.Inode == position.Inode;

    private static List<LogPart> Scan(string path)
    {
        List<LogPart> found = [.. LogFile.Siblings(path)];
        if (LogFile.Find(path) is { Identity.Kind: FileKind.File } current) found.Add(new LogPart(current.Path, current.Identity, IsCurrent: true));
        return found;
    }

    private static int Compare(LogPart one, LogPart other)
    {
        int byTime = one.Identity.ModifiedNanoseconds.CompareTo(other.Identity.ModifiedNanoseconds);
        if (byTime != 0) return byTime;
        // Written at the same moment, as far as the clock tells: runner.log.2 is older than runner.log.1, and that than runner.log.
        int byKind = one.IsCurrent.CompareTo(other.IsCurrent);
        return byKind != 0 ? byKind : LogFile.NumberOf(other.Path).CompareTo(LogFile.NumberOf(one.Path));
    }
}
