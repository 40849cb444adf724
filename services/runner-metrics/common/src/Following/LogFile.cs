using System.Globalization;
using CiMetrics.Durable;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>What a name in the file system stands for, links followed.</summary>
internal static class LogFile
{
    private const int MostScans = 20;

    /// <summary>The file behind a name; null where there is none.</summary>
    /// <exception cref="IOException">The system refuses to say, or links go round in circles.</exception>
    public static (string Path, FileIdentity Identity)? Find(string path)
    {
        FileIdentity? identity = FileIdentity.Of(path);
        if (identity is { Kind: FileKind.Other } && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target)
        {
            path = target.FullName;
            identity = FileIdentity.Of(path);
        }
        return identity is null ? null : (path, identity);
    }

    /// <summary>
    /// Files beside a log that may be older parts of it: its name and more (<c>runner.log.1</c>, <c>runner.log-20260102</c>),
    /// oldest first. Compressed ones cannot be gone on with and are left out.
    /// </summary>
    public static IReadOnlyList<(string Path, FileIdentity Identity)> Siblings(string path)
    {
        List<(string Path, FileIdentity Identity)> found = Scan(path);
        // Who rotates while we look can show us a file under two names, or none: two looks must agree.
        for (int again = 0; again < MostScans; again++)
        {
            List<(string Path, FileIdentity Identity)> before = found;
            found = Scan(path);
            if (before.Select(Key).SequenceEqual(found.Select(Key))) break;
        }
        return [.. found.DistinctBy(file => (file.Identity.Device, file.Identity.Inode))];

        static (string, ulong, ulong) Key((string Path, FileIdentity Identity) file) => (file.Path, file.Identity.Device, file.Identity.Inode);
    }

    private static List<(string Path, FileIdentity Identity)> Scan(string path)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : "/";
        string name = Path.GetFileName(path);
        List<(string Path, FileIdentity Identity)> found = [];
        foreach (string sibling in Directory.EnumerateFiles(folder, Path.GetFileNameWithoutExtension(name) + "*"))
        {
            if (sibling == path || !IsPartOf(name, Path.GetFileName(sibling)) || Path.GetExtension(sibling) is ".gz" or ".xz" or ".bz2" or ".zst" or ".lz4") continue;
            if (FileIdentity.Of(sibling) is { Kind: FileKind.File } identity) found.Add((sibling, identity));
        }
        found.Sort((one, other) =>
        {
            int byTime = one.Identity.ModifiedNanoseconds.CompareTo(other.Identity.ModifiedNanoseconds);
            return byTime != 0 ? byTime : NumberOf(other.Path).CompareTo(NumberOf(one.Path));
        });
        return found;
    }

    // Of two that were written at the same moment, as far as the clock tells, runner.log.2 is the older one.
    private static int NumberOf(string path) =>
        int.TryParse(Path.GetExtension(path.AsSpan()).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    // runner.log.1, runner.log-20260102 and runner-20260102.log are parts of runner.log; runner2.log is another log.
    internal static bool IsPartOf(string name, string sibling)
    {
        if (sibling.StartsWith(name, StringComparison.Ordinal)) return sibling.Length > name.Length && sibling[name.Length] is '.' or '-' or '_';
        string stem = Path.GetFileNameWithoutExtension(name);
        return sibling.Length > stem.Length + 1
            && sibling.StartsWith(stem, StringComparison.Ordinal)
            && sibling[stem.Length] is '-' or '.' or '_'
            && char.IsAsciiDigit(sibling[stem.Length + 1])
            && Path.GetExtension(sibling) == Path.GetExtension(name);
    }
}
