using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace CiMetrics.Hosting;

/// <summary>Tells Kestrel where to listen, and makes the sockets that it cannot make by itself.</summary>
internal sealed class ListenSockets(IReadOnlyList<ListenAddress> addresses)
{
    /// <summary>Adds the addresses.</summary>
    public void AddTo(KestrelServerOptions options)
    {
        foreach (var address in addresses)
            Listen(options, address);
    }

    /// <summary>The bound socket of an end point.</summary>
    public Socket Bind(EndPoint endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint unix => UnixSocketFile.Bind(unix.ToString()),
        FileHandleEndPoint inherited => addresses.Select(address => address.Inherited).OfType<SystemdSocket>()
            .Single(socket => (ulong)socket.Descriptor == inherited.FileHandle).Socket,
        _ => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint),
    };

    private static void Listen(KestrelServerOptions options, ListenAddress address)
    {
        if (address.Inherited is { } inherited)
            options.ListenHandle((ulong)inherited.Descriptor);
        else if (address.SocketPath is { } path)
            options.ListenUnixSocket(path);
        else if (address.Host.Length == 0)
            options.ListenAnyIP(address.Port);
        else if (IPAddress.TryParse(address.Host, out var ip))
            options.Listen(ip, address.Port);
        // Kestrel cannot let the system choose one port for both families.
        else if (address.Host == "localhost" && address.Port != 0)
            options.ListenLocalhost(address.Port);
        else
            options.Listen(Resolve(address.Host), address.Port);
    }

    private static IPAddress Resolve(string host)
    {
        try
        {
            var found = Dns.GetHostAddresses(host);
            return Array.Find(found, ip => ip.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception exception) when (exception is SocketException or IndexOutOfRangeException)
        {
            throw new ServiceFailedException($"cannot listen on {host}: the name has no address; use an IP address", exception);
        }
    }
}
