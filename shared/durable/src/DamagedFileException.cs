namespace CiMetrics.Durable;

/// <summary>
/// A file holds something that no crash leaves behind: bytes that were durable have changed since. Nothing of it was
/// used, because counting on without them would give wrong figures silently.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="offset">Where in it, in bytes.</param>
/// <param name="problem">What is wrong there.</param>
public sealed class DamagedFileException(string path, long offset, string problem)
    : IOException($"the file {path} is damaged at byte {offset}: {problem}; restore it from a backup, or move it away to start without it")
{
    /// <summary>The file.</summary>
    public string FilePath { get; } = path;

    /// <summary>Where the damage begins, in bytes.</summary>
    public long Offset { get; } = offset;
}
