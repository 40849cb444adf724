using System.Globalization;
using CiMetrics.Durable;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>What names in the file system stand for.</summary>
internal static class LogFile
{
    /// <summary>The file behind a name, links followed; null where there is none.</summary>
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
    /// Files beside a log that may be older parts of it: its name and more (<c>runner.log.1</c>, <c>runner-20260102.log</c>).
    /// Compressed ones cannot be gone on with and are left out.
    /// </summary>
    public static IEnumerable<LogPart> Siblings(string path)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : "/";
        string name = Path.GetFileName(path);
        foreach (string sibling in Directory.EnumerateFiles(folder, Path.GetFileNameWithoutExtension(name) + "*"))
        {
            if (sibling == path || !IsPartOf(name, Path.GetFileName(sibling)) || Path.GetExtension(sibling) is ".gz" or ".xz" or ".bz2" or ".zst" or ".lz4") continue;
            if (FileIdentity.Of(sibling) is { Kind: FileKind.File } identity) yield return new LogPart(sibling, identity, IsCurrent: false);
        }
    }

    /// <summary>The number at the end of a name, 0 where there is none.</summary>
    public static int NumberOf(string path) =>
        int.TryParse(Path.GetExtension(path.AsSpan()).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;

    /// <summary>Whether a file is called as an older part is: runner2.log is another log, and no part of runner.log.</summary>
    public static bool IsPartOf(string name, string sibling)
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
