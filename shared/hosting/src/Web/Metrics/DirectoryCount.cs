using System.Runtime.InteropServices;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>
/// Counts the entries of a directory by readdir(3) alone. The framework's enumeration asks for the attributes of every
/// symbolic link, two calls each: most of the cost of a scrape, as every open file is one.
/// </summary>
public static class DirectoryCount
{
    /// <summary>The number of entries without <c>.</c> and <c>..</c>.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public static long Of(string path)
    {
        var directory = OpenDirectory(Encoding.UTF8.GetBytes(path + "\0"));
        if (directory == 0)
            throw new IOException(path + " cannot be read: " + Marshal.GetLastPInvokeErrorMessage());
        var count = -2L;
        while (ReadDirectory(directory) != 0)
            count++;
        _ = CloseDirectory(directory);
        return count;
    }

    [DllImport("libc", EntryPoint = "opendir", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint OpenDirectory(byte[] path);

    [DllImport("libc", EntryPoint = "readdir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ReadDirectory(nint directory);

    [DllImport("libc", EntryPoint = "closedir")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int CloseDirectory(nint directory);
}
