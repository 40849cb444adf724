using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CiMetrics.Testing;

/// <summary>
/// Stands between an HTTP client and its server and does to each request what a plan says: passes it on, loses it before
/// or after the server had it, delays it, or answers in the server's place. Keeps what was sent.
/// </summary>
public sealed class HttpFaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Uri? _upstream;
    private readonly Task _accepting;

    private HttpFaultProxy(Uri? upstream)
    {
        _upstream = upstream;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public Uri Address { get; }

    /// <summary>What to do with a request; default: nothing special. May be changed at any time.</summary>
    public Func<ProxiedRequest, HttpFault> Plan { get; set; } = _ => HttpFault.None;

    /// <summary>The requests so far, in order of arrival.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    /// <summary>Starts in front of a server.</summary>
    /// <param name="upstream">The server; null: there is none, and every request that gets through is answered 200 with <c>{"result":"counted","warnings":[]}</c>.</param>
    public static HttpFaultProxy Start(Uri? upstream) => new(upstream);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            Task connection = ServeAsync(client);
            _connections.TryAdd(connection, true);
            _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                while (await HttpMessage.ReadAsync(stream, _stopping.Token) is { } message)
                {
                    ProxiedRequest request = new(message.StartLine.Split(' ')[0], message.StartLine.Split(' ')[1], message.Headers, message.Body);
                    _requests.Enqueue(request);
                    HttpFault fault = Plan(request);
                    if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, _stopping.Token);
                    if (fault.Kind == HttpFaultKind.LoseRequest) break;
                    byte[] answer = fault.Answer ?? await ForwardAsync(message);
                    if (fault.Kind == HttpFaultKind.LoseAnswer) break;
                    await stream.WriteAsync(answer, _stopping.Token);
                }
                // With a reset, not with a polite end.
                client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
        {
            // The client or the server is gone: the connection with it.
        }
    }

    private async Task<byte[]> ForwardAsync(HttpMessage message)
    {
        if (_upstream is null) return HttpFault.Respond(200, """{"result":"counted","warnings":[]}""").Answer!;
        using TcpClient server = new();
        await server.ConnectAsync(_upstream.Host, _upstream.Port, _stopping.Token);
        NetworkStream stream = server.GetStream();
        await stream.WriteAsync(message.Raw, _stopping.Token);
        HttpMessage? answer = await HttpMessage.ReadAsync(stream, _stopping.Token);
        return answer?.Raw ?? throw new IOException("the server closed the connection");
    }

    /// <summary>A request or an answer with a length, as it came.</summary>
    private sealed record HttpMessage(string StartLine, IReadOnlyDictionary<string, string> Headers, byte[] Body, byte[] Raw)
    {
        public static async Task<HttpMessage?> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
        {
            List<byte> head = [];
            byte[] one = new byte[1];
            while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
            {
                if (await stream.ReadAsync(one, cancellationToken) == 0) return null;
                head.Add(one[0]);
            }
            string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Dictionary<string, string> headers = lines.Skip(1).Select(line => line.Split(':', 2))
                .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
            int length = headers.TryGetValue("Content-Length", out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
            byte[] body = new byte[length];
            await stream.ReadExactlyAsync(body, cancellationToken);
            return new HttpMessage(lines[0], headers, body, [.. head, .. body]);
        }
    }
}

/// <summary>A request as a <see cref="HttpFaultProxy"/> saw it.</summary>
/// <param name="Method">GET, POST, ...</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">The headers; names in any case.</param>
/// <param name="Body">The body.</param>
public sealed record ProxiedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);
}
