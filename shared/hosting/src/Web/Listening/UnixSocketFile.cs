using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CiMetrics.Hosting;

/// <summary>Unix sockets in the file system: a stale one makes way, anything else stays.</summary>
internal static class UnixSocketFile
{
    /// <summary>The longest path in bytes (<c>sun_path</c> less its final zero).</summary>
    public const int LongestPath = 107;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Binds a socket that owner and group may connect to; disposing it removes the file.</summary>
    /// <exception cref="ServiceFailedException">It cannot be bound; the message says what to do.</exception>
    public static Socket Bind(string path)
    {
        var folder = Path.GetDirectoryName(path);
        if (!Directory.Exists(folder))
            throw Failure(path, $"there is no folder {folder}; create it or choose another one");
        MakeWay(path);
        var socket = NewSocket();
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect before it listens: there is no moment with another mode.
            File.SetUnixFileMode(path, Mode);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw Failure(path, IsDenied(exception) ? $"permission denied in {folder}" : exception.Message, exception);
        }
    }

    // A service that was killed leaves its socket behind.
    private static void MakeWay(string path)
    {
        if (FileType.Of(path) is not { } type)
            return;
        if (type != FileType.Socket)
            throw Failure(path, "there is a file of that name that is not a socket; remove it or choose another path");
        if (IsListenedOn(path))
            throw Failure(path, "the socket is in use; stop the program that has it or choose another path");
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(path, "the socket is stale and cannot be removed: " + exception.Message, exception);
        }
    }

    // Only a refusal tells that nobody listens: permission denied or a full queue do not.
    private static bool IsListenedOn(string path)
    {
        using var probe = NewSocket();
        probe.Blocking = false;
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static bool IsDenied(Exception exception) =>
        exception is UnauthorizedAccessException or SocketException { SocketErrorCode: SocketError.AccessDenied };

    private static ServiceFailedException Failure(string path, string advice, Exception? cause = null)
    {
        var message = $"cannot listen on {ListenAddress.UnixPrefix}{path}: {advice}";
        return cause is null ? new ServiceFailedException(message) : new ServiceFailedException(message, cause);
    }

    /// <summary>What a name in the file system is, which .NET does not tell of sockets.</summary>
    private static class FileType
    {
        public const int Socket = 0xC000;

        // From Linux's stat.h and fcntl.h; statx has the same layout on every processor.
        private const int Mask = 0xF000;
        private const int ModeOffset = 28;
        private const int CurrentFolder = -100;
        private const int NoFollow = 0x100;
        private const uint TypeOnly = 1;

        /// <summary>The type, of a link itself; null when there is no such name.</summary>
        public static int? Of(string path)
        {
            var buffer = new byte[256];
            return Stat(CurrentFolder, path, NoFollow, TypeOnly, buffer) == 0 ? BitConverter.ToUInt16(buffer, ModeOffset) & Mask : null;
        }

        [DllImport("libc", EntryPoint = "statx", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Stat(
            int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] buffer);
    }
}
