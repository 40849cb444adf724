using System.Net;
using System.Net.Sockets;

namespace CiMetrics.DevRun;

/// <summary>Gives each service its default port, or the next free one with the reason.</summary>
internal sealed class Ports(IEnumerable<int> defaults)
{
    private readonly HashSet<int> _reserved = [.. defaults];

    /// <summary>The port to use and, where it is not <paramref name="wanted"/>, why.</summary>
    public (int Port, string? Reason) Choose(int wanted)
    {
        string? reason = Obstacle(wanted);
        if (reason is null) return (wanted, null);

        // Next to a privileged port there are only more of them: 80 becomes 8080 and following.
        int candidate = wanted < 1024 ? 8000 + wanted : wanted + 1;
        while (_reserved.Contains(candidate) || Obstacle(candidate) is not null) candidate++;
        _reserved.Add(candidate);
        return (candidate, $"port {wanted} is {reason}: using {candidate}");
    }

    private static string? Obstacle(int port)
    {
        try
        {
            // Services listen on every address, both families where the machine has them.
            using Socket socket = Socket.OSSupportsIPv6
                ? new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
                : new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, optionValue: true);
            socket.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen();
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.AccessDenied ? "privileged" : "taken";
        }
    }
}
