namespace CiMetrics.Durable;

/// <summary>What a name in a folder stands for.</summary>
public enum FileKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, pipe, socket or device.</summary>
    Other,
}
