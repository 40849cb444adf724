using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>
/// Files that are whole or not there: written under a temporary name beside their own, synced, renamed, and the
/// folder synced. A reader sees the old content or the new one, after a crash too.
/// </summary>
public static class AtomicFile
{
    /// <summary>How temporary names end. Nobody but their writer needs them.</summary>
    public const string TemporarySuffix = ".tmp";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file, in place of the one that has the name. It is durable when this returns.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="mode">The file's mode; default: its owner alone reads and writes it.</param>
    /// <exception cref="IOException">It cannot be written (disk full, ...): the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        Target target = new(path, mode);
        try
        {
            RandomAccess.Write(target.Handle, content, 0);
            target.Keep();
        }
        finally
        {
            target.Dispose();
        }
    }

    /// <summary>As the other, with a content of two parts, which need not be copied into one.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="first">The beginning of the content.</param>
    /// <param name="rest">What comes after it.</param>
    /// <param name="mode">The file's mode; default: its owner alone reads and writes it.</param>
    /// <exception cref="IOException">It cannot be written (disk full, ...): the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> first, ReadOnlySpan<byte> rest, UnixFileMode mode = OwnerOnly)
    {
        using Target target = new(path, mode);
        RandomAccess.Write(target.Handle, first, 0);
        RandomAccess.Write(target.Handle, rest, first.Length);
        target.Keep();
    }

    /// <summary>As the other, with the content written piece by piece.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="write">Writes the content to a file that has no content yet.</param>
    /// <param name="mode">The file's mode; default: its owner alone reads and writes it.</param>
    /// <exception cref="IOException">It cannot be written (disk full, ...): the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, Action<SafeFileHandle> write, UnixFileMode mode = OwnerOnly)
    {
        ArgumentNullException.ThrowIfNull(write);
        using Target target = new(path, mode);
        write(target.Handle);
        target.Keep();
    }

    /// <summary>Removes what writers that were killed have left in a folder. Call it while nobody writes there.</summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder, ".*" + TemporarySuffix))
            Remove(path);
    }

    // A file that stays does no harm; the reason why the write failed is what the caller needs.
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            System.Diagnostics.Debug.WriteLine(exception.Message);
        }
    }

    /// <summary>A file under its temporary name, gone with the disposal unless it was kept.</summary>
    private sealed class Target : IDisposable
    {
        private readonly string _path;
        private readonly string _temporary;
        private bool _kept;

        public Target(string path, UnixFileMode mode)
        {
            _path = Path.GetFullPath(path);
            _temporary = Path.Combine(Folders.ParentOf(_path), $".{Path.GetFileName(_path)}.{Guid.NewGuid():n}{TemporarySuffix}");
            Handle = File.OpenHandle(_temporary, FileMode.CreateNew, FileAccess.Write);
            // Not through the open call: there the umask takes bits away.
            File.SetUnixFileMode(Handle, mode);
        }

        public SafeFileHandle Handle { get; }

        public void Keep()
        {
            RandomAccess.FlushToDisk(Handle);
            File.Move(_temporary, _path, overwrite: true);
            _kept = true;
            Folders.Sync(Folders.ParentOf(_path));
        }

        public void Dispose()
        {
            Handle.Dispose();
            if (!_kept) Remove(_temporary);
        }
    }
}
