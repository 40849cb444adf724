using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using CiMetrics.Docker;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

public sealed class DockerClientFaultTests
{
    private TempFolder _folder = null!;
    private DockerClient _client = null!;

    private string SocketPath => _folder.PathOf("d.sock");

    [SetUp]
    public void CreateClient()
    {
        _folder = new TempFolder();
        _client = new DockerClient(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, null, TimeProvider.System);
    }

    [TearDown]
    public void DisposeClient()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task An_absent_socket_is_unreachable_and_named()
    {
        DockerFailure failure = (await _client.PingAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Unreachable));
        Assert.That(failure.Message, Is.EqualTo($"there is no socket {SocketPath}: start Docker, or set DOCKER_HOST"));
    }

    [Test]
    public async Task A_socket_file_that_nobody_listens_on_is_unreachable()
    {
        using (Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
            // Closed without listening; the file stays, as after a crash of the engine.
        }

        await File.WriteAllTextAsync(SocketPath, "");
        DockerFailure failure = (await _client.PingAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Unreachable));
        Assert.That(failure.Message, Does.Contain("nobody listens"));
    }

    [Test]
    public void Permission_denied_says_what_to_do()
    {
        Requires.Root();
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        Exception? denied = null;
        Thread thread = new(() => denied = ConnectAsNobody(SocketPath));
        thread.Start();
        thread.Join();
        DockerFailure failure = DockerErrors.Of(new HttpRequestException("wrapped as the handler does", denied), DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!);
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Refused));
        Assert.That(failure.Message, Does.StartWith($"permission denied on {SocketPath}").And.Contain("docker group"));
    }

    [Test]
    public async Task A_server_that_never_answers_is_a_timeout()
    {
        await using RawServer server = new(SocketPath, (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        ManualTime time = new();
        using DockerClient client = new(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, null, time);
        Task<DockerResult<DockerPing>> ping = client.PingAsync(CancellationToken.None);
        await Task.Delay(50);
        Assert.That(ping.IsCompleted, Is.False);
        time.Advance(DockerCall.Ping.Patience);
        DockerFailure failure = (await ping).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Timeout));
        Assert.That(failure.Message, Does.Contain("_ping").And.Contain("5 s"));
    }

    [Test]
    public async Task A_body_that_never_ends_its_first_half_is_a_timeout()
    {
        await using RawServer server = new(SocketPath, async (request, stream, cancellation) =>
        {
            bool ping = request.Contains("_ping", StringComparison.Ordinal);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ping ? RawServer.Whole("OK") : RawServer.Cut("{\"NCPU\":")), cancellation);
            if (!ping) await Task.Delay(Timeout.Infinite, cancellation);
        });
        ManualTime time = new();
        using DockerClient client = new(DockerEndpoint.Parse($"unix://{SocketPath}").Endpoint!, null, time);
        await client.PingAsync(CancellationToken.None);
        Task<DockerResult<DockerInfo>> info = client.InfoAsync(CancellationToken.None);
        await Task.Delay(50);
        time.Advance(DockerCall.Slow.Patience);
        Assert.That((await info).Failure!.Kind, Is.EqualTo(DockerFailureKind.Timeout));
        Assert.That(client.Version, Is.Null, "the engine may be another one when it answers again");
    }

    [Test]
    public async Task Cancellation_by_the_caller_is_an_exception()
    {
        await using RawServer server = new(SocketPath, (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        using CancellationTokenSource cancel = new();
        Task<DockerResult<DockerPing>> ping = _client.PingAsync(cancel.Token);
        await cancel.CancelAsync();
        Assert.That(async () => await ping, Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("{\"NCPU\": 4, \"MemT", "not the JSON")]
    [TestCase("", "not the JSON")]
    [TestCase("<html>", "not the JSON")]
    [TestCase("[]", "not the JSON")]
    [TestCase("{\"NCPU\": \"four\"}", "not the JSON")]
    [TestCase("null", "is empty")]
    public async Task An_answer_that_is_not_the_documented_JSON_is_a_protocol_failure(string body, string hint)
    {
        await using RawServer server = RawServer.Answering(SocketPath, RawServer.Whole(body));
        DockerFailure failure = (await _client.InfoAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Protocol));
        Assert.That(failure.Message, Does.Contain("/v1.41/info").And.Contain(hint));
    }

    [Test]
    public async Task A_connection_that_breaks_within_an_answer_is_unreachable()
    {
        await using RawServer server = RawServer.Answering(SocketPath, RawServer.Cut("{\"NCPU\": 4"));
        DockerFailure failure = (await _client.InfoAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Unreachable));
        Assert.That(failure.Message, Does.Contain("the connection broke"));
    }

    [Test]
    public async Task A_huge_answer_is_refused_and_not_read_to_its_end()
    {
        long sent = 0;
        await using RawServer server = new(SocketPath, async (request, stream, cancellation) =>
        {
            bool ping = request.Contains("_ping", StringComparison.Ordinal);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(ping ? RawServer.Whole("OK") : RawServer.UntilClosed("{\"Name\":\"")), cancellation);
            byte[] piece = Encoding.UTF8.GetBytes(new string('x', 1 << 16));
            while (!ping && sent < 1 << 30)
            {
                await stream.WriteAsync(piece, cancellation);
                sent += piece.Length;
            }
        });
        DockerFailure failure = (await _client.InfoAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Protocol));
        Assert.That(failure.Message, Does.Contain($"larger than {DockerCall.Slow.LargestAnswer} bytes"));
        Assert.That(sent, Is.LessThan(DockerCall.Slow.LargestAnswer * 4L));
    }

    [TestCase("401 Unauthorized", DockerFailureKind.Refused)]
    [TestCase("403 Forbidden", DockerFailureKind.Refused)]
    [TestCase("404 Not Found", DockerFailureKind.NotFound)]
    [TestCase("409 Conflict", DockerFailureKind.Protocol)]
    [TestCase("302 Found", DockerFailureKind.Protocol)]
    [TestCase("500 Internal Server Error", DockerFailureKind.EngineError)]
    [TestCase("503 Service Unavailable", DockerFailureKind.EngineError)]
    public async Task A_status_becomes_a_kind_and_keeps_the_engines_words(string status, object kind)
    {
        const string body = "{\"message\":\"authorization denied\\n by plugin\"}";
        await using RawServer server = RawServer.Answering(SocketPath, RawServer.Whole(body).Replace("200 OK", status, StringComparison.Ordinal));
        DockerFailure failure = (await _client.InspectAsync("abc", CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(kind));
        Assert.That(failure.Message, Does.Contain("/v1.41/containers/abc/json").And.EndsWith("authorization denied by plugin"));
    }

    [Test]
    public async Task A_server_that_does_not_speak_HTTP_is_reported()
    {
        await using RawServer server = new(SocketPath, (_, stream, cancellation) => stream.WriteAsync("SSH-2.0-OpenSSH\r\n"u8.ToArray(), cancellation).AsTask());
        DockerFailure failure = (await _client.PingAsync(CancellationToken.None)).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Unreachable).Or.EqualTo(DockerFailureKind.Protocol));
        Assert.That(failure.Message, Does.Contain(SocketPath));
    }

    [Test]
    public async Task Names_from_outside_cannot_change_the_path()
    {
        string? asked = null;
        await using RawServer server = new(SocketPath, (request, stream, cancellation) =>
        {
            asked = request;
            return stream.WriteAsync(Encoding.UTF8.GetBytes(RawServer.Whole("{}")), cancellation).AsTask();
        });
        await _client.InspectAsync("a/../b?x=1", CancellationToken.None);
        Assert.That(asked, Is.EqualTo("GET /v1.41/containers/a%2F..%2Fb%3Fx%3D1/json HTTP/1.1"));
    }

    /// <summary>Root is never denied, so this thread alone takes on the file rights of another user (setfsuid(2)).</summary>
    private static SocketException? ConnectAsNobody(string path)
    {
        _ = SetFileSystemUser(65534);
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException exception)
        {
            return exception;
        }
        finally
        {
            _ = SetFileSystemUser(0);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemUser(uint user);
}
