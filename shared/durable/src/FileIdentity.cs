using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CiMetrics.Durable;

/// <summary>Which file a name stands for, and which state of it: what statx(2) says.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file in it; a renamed file keeps it, a replaced one does not.</param>
/// <param name="Size">Its length, in bytes.</param>
/// <param name="ModifiedNanoseconds">When it was last written, since 1970.</param>
/// <param name="Kind">What it is.</param>
public sealed record FileIdentity(ulong Device, ulong Inode, long Size, long ModifiedNanoseconds, FileKind Kind)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7ff;
    private const int NoSuchEntry = 2;
    private const int NotAFolder = 20;

    /// <summary>The user whom it belongs to.</summary>
    public uint Owner { get; private init; }

    /// <summary>When it was last written.</summary>
    public DateTimeOffset Modified => DateTimeOffset.UnixEpoch.AddTicks(ModifiedNanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Whether both are one file, in whatever state.</summary>
    public bool IsSameFileAs(FileIdentity? other) => other is not null && Device == other.Device && Inode == other.Inode;

    /// <summary>Looks at a name; symbolic links are not followed. Null where there is nothing.</summary>
    /// <exception cref="IOException">The system refuses to say.</exception>
    public static FileIdentity? Of(string path)
    {
        if (Statx(CurrentFolder, path, NoFollow, BasicStats, out StatxResult result) == 0) return From(result);
        return Marshal.GetLastPInvokeError() is NoSuchEntry or NotAFolder ? null : throw Failure(path);
    }

    /// <summary>Looks at an open file.</summary>
    /// <exception cref="IOException">The system refuses to say.</exception>
    public static FileIdentity Of(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            int descriptor = (int)handle.DangerousGetHandle();
            return Statx(descriptor, "", EmptyPath, BasicStats, out StatxResult result) == 0 ? From(result) : throw Failure("that is open");
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    private static FileIdentity From(in StatxResult result) => new(
        ((ulong)result.DeviceMajor << 32) | result.DeviceMinor,
        result.Inode,
        (long)result.Size,
        (result.ModifiedSeconds * 1_000_000_000) + result.ModifiedNanoseconds,
        (result.Mode & 0xf000) switch { 0x8000 => FileKind.File, 0x4000 => FileKind.Folder, _ => FileKind.Other })
    {
        Owner = result.User,
    };

    private static IOException Failure(string path) => new($"cannot look at the file {path}: {Marshal.GetLastPInvokeErrorMessage()}");

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out StatxResult result);

    // struct statx of linux/stat.h: the same on every architecture, which struct stat is not.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxResult
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
