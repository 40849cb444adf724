using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>A process as a descriptor that becomes readable when it ends (pidfd, Linux 5.3). It does not keep or touch the process.</summary>
internal static class ProcessHandle
{
    // The same on every architecture.
    private const int PidfdOpen = 434;

    /// <summary>Null where the kernel, its rules or the process's end do not allow it.</summary>
    public static SafeFileHandle? Open(int pid)
    {
        nint descriptor = SystemCall(PidfdOpen, pid, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SystemCall(nint number, nint pid, nint flags);
}
