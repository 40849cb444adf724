using System.Runtime.InteropServices;

namespace CiMetrics.Durable;

/// <summary>Makes what happened in a folder (a new name, a rename) survive a crash of the machine.</summary>
public static class Folders
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Creates a folder with its parents, each made durable; nothing happens where it exists.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mode">The mode of the folders that are created.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created.</exception>
    public static void Create(string path, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return;
        string parent = ParentOf(full);
        Create(parent, mode);
        Directory.CreateDirectory(full, mode);
        Sync(parent);
    }

    /// <summary>Waits until the folder's entries are on disk: fsync(2) of a file does not cover its name.</summary>
    /// <exception cref="IOException">The system reports an error; the message names the folder.</exception>
    public static void Sync(string path)
    {
        int descriptor = Open(path, ReadOnlyDirectory);
        if (descriptor < 0) throw Failure(path);
        try
        {
            if (Fsync(descriptor) != 0) throw Failure(path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>The folder that a full path lies in.</summary>
    public static string ParentOf(string fullPath) => Path.GetDirectoryName(fullPath) ?? "/";

    private static IOException Failure(string path) =>
        new($"the folder {path} cannot be written through to the disk: {Marshal.GetLastPInvokeErrorMessage()}");

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
