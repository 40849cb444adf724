using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CiMetrics.Hosting;

/// <summary>
/// A listening socket that systemd opened and passed on (socket activation, sd_listen_fds(3)): connections wait in it
/// while the service restarts.
/// </summary>
/// <param name="Descriptor">The file descriptor.</param>
/// <param name="Name">What the unit calls it (<c>FileDescriptorName=</c>).</param>
/// <param name="Socket">The socket.</param>
internal sealed record SystemdSocket(int Descriptor, string Name, Socket Socket)
{
    private const int FirstDescriptor = 3;
    private const int MostDescriptors = 64;

    // From Linux's socket.h and fcntl.h.
    private const int SocketLevel = 1;
    private const int IsListeningOption = 30;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>The sockets that were passed to this process.</summary>
    /// <exception cref="ServiceFailedException">There are none, or one is not for listening on.</exception>
    public static IReadOnlyList<SystemdSocket> Take()
    {
        var isForUs = int.TryParse(Variable("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid == Environment.ProcessId;
        if (!isForUs || !int.TryParse(Variable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostDescriptors)
        {
            throw new ServiceFailedException(
                "--web.systemd-socket: systemd passed no sockets to this process (LISTEN_PID, LISTEN_FDS); start it by its .socket unit, or listen with --web.listen-address");
        }
        var names = Variable("LISTEN_FDNAMES")?.Split(':') ?? [];
        return [.. Enumerable.Range(0, count).Select(i => Open(FirstDescriptor + i, names.ElementAtOrDefault(i) ?? "unknown"))];
    }

    /// <inheritdoc/>
    public override string ToString() => $"systemd socket {Name} ({Socket.LocalEndPoint})";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    private static SystemdSocket Open(int descriptor, string name)
    {
        try
        {
            // Programs started from here must not keep it open.
            _ = Control(descriptor, SetDescriptorFlags, CloseOnExec);
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            Span<byte> isListening = stackalloc byte[sizeof(int)];
            socket.GetRawSocketOption(SocketLevel, IsListeningOption, isListening);
            if (socket.SocketType == SocketType.Stream && MemoryMarshal.Read<int>(isListening) == 1)
                return new SystemdSocket(descriptor, name, socket);
        }
        catch (SocketException exception)
        {
            throw new ServiceFailedException(NotUsable(descriptor, name), exception);
        }
        throw new ServiceFailedException(NotUsable(descriptor, name));
    }

    private static string NotUsable(int descriptor, string name) =>
        $"--web.systemd-socket: descriptor {descriptor} ({name}) is not a stream socket that is listened on; the .socket unit needs ListenStream= and Accept=no";

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, int command, int argument);
}
