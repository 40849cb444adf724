using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>One process per folder: held until disposed or until the process ends, however it ends.</summary>
public sealed class FolderLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FolderLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the folder; <c>lock.pid</c> in it says who has it, where there is room to say so.</summary>
    /// <exception cref="FolderInUseException">Another process has it.</exception>
    /// <exception cref="IOException">The lock file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The lock file may not be written.</exception>
    public static FolderLock Take(string folder)
    {
        string path = Path.Combine(folder, "lock");
        // The lock file itself cannot be read while it is locked.
        string owner = Path.Combine(folder, "lock.pid");
        SafeFileHandle handle;
        try
        {
            // FileShare.None is flock(2), which the kernel drops with the process.
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new FolderInUseException(folder, HolderOf(owner), exception);
        }
        Name(owner);
        return new FolderLock(handle);
    }

    /// <summary>Whether a process has the folder now. Asking takes the lock for a moment where nobody has it.</summary>
    /// <exception cref="UnauthorizedAccessException">The lock file may not be read.</exception>
    public static bool IsTaken(string folder)
    {
        string path = Path.Combine(folder, "lock");
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (IOException)
        {
            return File.Exists(path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // The kernel's lock is what counts; the name is for people. So a disk that is full stops nobody from starting, and
    // the name of an earlier process does not stay.
    private static void Name(string owner)
    {
        try
        {
            AtomicFile.Write(owner, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AtomicFile.Remove(owner);
        }
    }

    private static string HolderOf(string owner)
    {
        try
        {
            return "process " + File.ReadAllText(owner).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
