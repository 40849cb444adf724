using CiMetrics.Durable;

namespace CiMetrics.Sidecar.Intake;

/// <summary>Finds the files that jobs write: the one of the given path, or every <c>*.json</c> where it is a folder.</summary>
/// <param name="path">What the user gave; it need not exist yet. A <c>/</c> at its end says that it is a folder.</param>
internal sealed class JobFiles(string path)
{
    private const string ClaimedSuffix = ".claimed";

    private readonly string _path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>The folder that the files appear in, as far as can be told now.</summary>
    public string Folder => IsFolder ? _path : Path.GetDirectoryName(_path) ?? "/";

    private bool IsFolder => Path.EndsInDirectorySeparator(path) || Directory.Exists(_path);

    /// <summary>
    /// The files that are there, with those that were claimed and not put into the spool before a crash. Names that begin
    /// with a dot are writers' temporary files.
    /// </summary>
    public IEnumerable<JobFile> Present()
    {
        string folder = Folder;
        if (!Directory.Exists(folder)) yield break;
        bool all = IsFolder;
        string ownName = Path.GetFileName(_path);
        foreach (string file in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            bool isClaimed = name.StartsWith('.') && name.EndsWith(ClaimedSuffix, StringComparison.Ordinal) && (all || name.StartsWith("." + ownName + ".", StringComparison.Ordinal));
            bool isNew = all ? !name.StartsWith('.') && name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) : name == ownName;
            if ((isClaimed || isNew) && FileIdentity.Of(file) is { Kind: not FileKind.Folder } identity)
                yield return new JobFile(file, identity, isClaimed);
        }
    }

    /// <summary>
    /// Takes a file out of its writers' way by a new name; null where the folder does not allow it. Whoever holds it
    /// open still writes into the same file.
    /// </summary>
    public static JobFile? Claim(JobFile file)
    {
        string claimed = Path.Combine(
            Path.GetDirectoryName(file.Path)!, $".{Path.GetFileName(file.Path)}.{Guid.NewGuid().ToString("n")[..12]}{ClaimedSuffix}");
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
}
