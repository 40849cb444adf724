using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Testing;

/// <summary>Loopback ports that nothing listens on.</summary>
public static class FreePort
{
    /// <summary>A free TCP port. Another process may take it before the test does; the range is wide.</summary>
    public static int Next()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
