using System.Runtime.InteropServices;

namespace CiMetrics.Spacelift;

/// <summary>
/// Has the C library give back what compressing a scrape took: by itself it keeps an arena of up to 64 MB for each
/// thread.
/// </summary>
internal static class NativeHeap
{
    private const int TrimThreshold = -1;
    private const int MostArenas = -8;

    /// <summary>Sets it, where the C library is one that can be told.</summary>
    /// <returns>Whether it can.</returns>
    public static bool KeepSmall()
    {
        try
        {
            return Option(MostArenas, 1) == 1 && Option(TrimThreshold, 128 << 10) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Option(int option, int value);
}
