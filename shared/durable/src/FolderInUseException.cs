namespace CiMetrics.Durable;

/// <summary>The folder belongs to another process that runs.</summary>
/// <param name="folder">The folder.</param>
/// <param name="holder">Who has it, in words.</param>
/// <param name="cause">What the system said.</param>
public sealed class FolderInUseException(string folder, string holder, Exception cause)
    : IOException($"the folder {folder} is in use by {holder}: one process per folder; stop it or choose another folder", cause);
