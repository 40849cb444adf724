using System.Buffers.Binary;
using System.Net.Sockets;

namespace CiMetrics.RunnerExporter.Sampling;

/// <summary>Who listens on the engine's Unix socket, as the kernel tells (unix(7), SO_PEERCRED).</summary>
internal static class EnginePeer
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>
    /// The listener's process id: 0 where it has none in our PID namespace, null where nobody could be asked. It does not wait.
    /// </summary>
    /// <param name="socketPath">The engine's socket.</param>
    /// <param name="isRefused">True where the socket's permissions say no.</param>
    public static int? Pid(string socketPath, out bool isRefused)
    {
        isRefused = false;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            byte[] credentials = new byte[12];
            socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
            return BinaryPrimitives.ReadInt32LittleEndian(credentials);
        }
        catch (SocketException exception)
        {
            isRefused = exception.SocketErrorCode == SocketError.AccessDenied;
            return null; // It is not there, or busy: what cannot be asked is said to be unknown.
        }
    }
}
