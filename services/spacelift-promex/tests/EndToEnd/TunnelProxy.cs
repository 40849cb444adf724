using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Spacelift.Tests.EndToEnd;

/// <summary>A proxy that only tunnels: whatever name a client asks for, it gets to one server.</summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private const int LongestRequest = 8192;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly int _server;
    private readonly Task _accepting;

    public TunnelProxy(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its address.</summary>
    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The first lines of what clients asked.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_end.Token);
            _ = TunnelAsync(client);
        }
    }

    private async Task TunnelAsync(TcpClient accepted)
    {
        using TcpClient client = accepted;
        using TcpClient server = new();
        NetworkStream near = client.GetStream();
        StringBuilder request = new();
        byte[] one = new byte[1];
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && request.Length < LongestRequest && await near.ReadAsync(one, _end.Token) == 1)
            request.Append((char)one[0]);
        _asked.Enqueue(request.ToString().Split("\r\n")[0]);
        await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
        NetworkStream far = server.GetStream();
        await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _end.Token);
        await Task.WhenAny(near.CopyToAsync(far, _end.Token), far.CopyToAsync(near, _end.Token));
    }
}
