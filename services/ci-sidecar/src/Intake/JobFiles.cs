using CiMetrics.Durable;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Finds the files that jobs write: the one of the given path, or every <c>*.json</c> where it is a folder.</summary>
/// <param name="path">What the user gave; it need not exist yet. A <c>/</c> at its end says that it is a folder.</param>
/// <param name="time">The clock.</param>
internal sealed class JobFiles(string path, TimeProvider time)
{
    /// <summary>The length of what makes the name of a claimed file its own.</summary>
    public const int TokenLength = 20;

    private const string ClaimedSuffix = ".claimed";

    // A folder's time is only as fine as the kernel's tick: what changed just before it was read may change again unseen.
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    private FileIdentity? _listedFolder;
    private string[] _listed = [];

    /// <summary>The folder that the files appear in, as far as can be told now.</summary>
    public string Folder => IsFolder ? _path : Folders.ParentOf(_path);

    private bool IsFolder => Path.EndsInDirectorySeparator(path) || Directory.Exists(_path);

    /// <summary>
    /// The files that are there, with those that were claimed and not put into the spool before a crash. Names that begin
    /// with a dot are writers' temporary files.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be looked into.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be looked into.</exception>
    public IReadOnlyList<JobFile> Present()
    {
        string folder = Folder;
        if (FileIdentity.Of(folder) is not { } identity) return [];
        // A job may make it a link to a folder of the sidecar's own, whose files are no job's.
        if (identity.Kind == FileKind.Other) throw new IOException($"{folder} is a link or no folder; give the path of the folder itself");
        if (identity.Kind == FileKind.File) return [];
        // A folder that did not change has the entries that it had: looking at it costs one call.
        if (identity != _listedFolder)
        {
            _listed = [.. Directory.EnumerateFileSystemEntries(folder).Where(IsOurs).Order(StringComparer.Ordinal)];
            _listedFolder = time.GetUtcNow() - identity.Modified > Fresh ? identity : null;
        }
        List<JobFile> present = new(_listed.Length);
        foreach (string file in _listed)
        {
            if (FileIdentity.Of(file) is { Kind: not FileKind.Folder } found) present.Add(new JobFile(file, found, IsClaimed(file)));
        }
        return present;
    }

    /// <summary>
    /// Takes a file out of its writers' way by a new name; null where the folder does not allow it. Whoever holds it
    /// open still writes into the same file.
    /// </summary>
    public static JobFile? Claim(JobFile file)
    {
        string claimed = Path.Combine(
            Path.GetDirectoryName(file.Path)!, $".{Path.GetFileName(file.Path)}.{Guid.NewGuid().ToString("n")[..TokenLength]}{ClaimedSuffix}");
        try
        {
            File.Move(file.Path, claimed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        return FileIdentity.Of(claimed) is { } identity ? new JobFile(claimed, identity, true) : null;
    }

    private static bool IsClaimed(string file)
    {
        string name = Path.GetFileName(file);
        return name.StartsWith('.') && name.EndsWith(ClaimedSuffix, StringComparison.Ordinal) && name.Length > TokenLength + ClaimedSuffix.Length + 2;
    }

    private bool IsOurs(string file)
    {
        string name = Path.GetFileName(file);
        // In a folder that others use as well, one file alone is ours.
        bool isOnly = Folders.ParentOf(_path) == Path.GetDirectoryName(file);
        return IsClaimed(file) ? !isOnly || name.StartsWith($".{Path.GetFileName(_path)}.", StringComparison.Ordinal)
            : isOnly ? name == Path.GetFileName(_path)
            : !name.StartsWith('.') && name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
    }
}
