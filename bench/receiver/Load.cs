using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Receiver.Bench;

/// <summary>Sends requests over keep-alive connections as fast as answers come.</summary>
internal static class Load
{
    /// <summary>A request with a body.</summary>
    public static byte[] Request(string method, string path, string type, string body) => Encoding.UTF8.GetBytes(
        $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Requests per second over all connections, each answered with 200 or 202.</summary>
    public static async Task<double> RunAsync(int port, int connections, TimeSpan duration, Func<long, byte[]> request)
    {
        long next = 0;
        Stopwatch clock = Stopwatch.StartNew();
        int[] answers = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(ClientAsync)));
        return answers.Sum() / clock.Elapsed.TotalSeconds;

        async Task<int> ClientAsync()
        {
            using Socket socket = await ConnectAsync(port);
            byte[] buffer = new byte[256 * 1024];
            int count = 0;
            for (; clock.Elapsed < duration; count++) await AskAsync(socket, request(Interlocked.Increment(ref next)), buffer);
            return count;
        }
    }

    public static async Task<Socket> ConnectAsync(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Sends a request and reads its answer to the end; gives the answer's length.</summary>
    public static async Task<long> AskAsync(Socket socket, byte[] request, byte[] buffer)
    {
        await socket.SendAsync(request);
        int filled = 0;
        int end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0) filled += await ReceiveAsync(socket, buffer.AsMemory(filled));
        string head = Encoding.ASCII.GetString(buffer, 0, end);
        if (!head.StartsWith("HTTP/1.1 20", StringComparison.Ordinal)) throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, filled));
        string? length = Array.Find(head.Split("\r\n"), line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        long body = length is null ? 0 : long.Parse(length["Content-Length:".Length..]);
        for (long rest = body - (filled - end - 4); rest > 0;) rest -= await ReceiveAsync(socket, buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)));
        return body;
    }

    private static async Task<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        int received = await socket.ReceiveAsync(buffer);
        return received > 0 ? received : throw new IOException("the server closed the connection");
    }
}
