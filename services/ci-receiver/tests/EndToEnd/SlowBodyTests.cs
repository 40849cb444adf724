using System.Net.Sockets;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>Senders that announce much and send little, through the published program.</summary>
public sealed class SlowBodyTests
{
    [TestCase("Content-Length: 1048576\r\n\r\n{")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")]
    public async Task Bodies_that_drip_keep_nobody_out(string rest)
    {
        using TempFolder folder = new();
        await using ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"));
        byte[] beginning = Encoding.ASCII.GetBytes($"POST /steps HTTP/1.1\r\nHost: receiver\r\nContent-Type: application/json\r\n{rest}");
        List<Socket> slow = [];
        try
        {
            for (int i = 0; i < 150; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                slow.Add(socket);
                await socket.ConnectAsync("127.0.0.1", receiver.Port);
                await socket.SendAsync(beginning);
            }

            // The receiver has begun to read some of them at least: the first one's place is taken from its first byte on.
            (int status, string body) = await receiver.PostAsync("""{"name":"a","project":"p","status":"success"}""");
            Assert.That(status, Is.EqualTo(200), body);
            string large = $"[{string.Join(',', Enumerable.Repeat("""{"name":"a","project":"p","status":"success"}""", 5000))}]";
            (status, body) = await receiver.PostAsync(large);
            Assert.That(status, Is.EqualTo(200), body);
        }
        finally
        {
            foreach (Socket socket in slow) socket.Dispose();
        }
    }
}
