using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Exposition.Bench;

/// <summary>Asks over keep-alive connections as fast as answers come: a stand-in where <c>wrk</c> is not installed.</summary>
internal static class LoadClient
{
    /// <summary>Answers per second over all connections.</summary>
    public static async Task<double> RunAsync(Uri url, int connections, double seconds)
    {
        var clock = Stopwatch.StartNew();
        var until = TimeSpan.FromSeconds(seconds);
        int[] answers = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => AskAsync(url, clock, until))));
        return answers.Sum() / clock.Elapsed.TotalSeconds;
    }

    private static async Task<int> AskAsync(Uri url, Stopwatch clock, TimeSpan until)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Parse(url.Host), url.Port);
        byte[] request = Encoding.ASCII.GetBytes($"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n");
        byte[] buffer = new byte[256 * 1024];
        int answers = 0;
        while (clock.Elapsed < until)
        {
            await socket.SendAsync(request);
            await ReadAnswerAsync(socket, buffer);
            answers++;
        }

        return answers;
    }

    private static async Task ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        int filled = 0;
        int end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
            filled += await ReceiveAsync(socket, buffer.AsMemory(filled));
        string head = Encoding.ASCII.GetString(buffer, 0, end);
        string length = head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        long rest = long.Parse(length["Content-Length:".Length..]) - (filled - end - 4);
        while (rest > 0)
            rest -= await ReceiveAsync(socket, buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)));
    }

    private static async Task<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        int received = await socket.ReceiveAsync(buffer);
        return received > 0 ? received : throw new IOException("the server closed the connection");
    }
}
