using System.Net.Security;
using System.Net.Sockets;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CiMetrics.Docker;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

public sealed class DockerTlsTests
{
    private Certificates _authority = null!;
    private Certificates _stranger = null!;
    private TempFolder _folder = null!;

    [SetUp]
    public void CreateAuthorities()
    {
        _authority = new Certificates("Test CA");
        _stranger = new Certificates("Another CA");
        _folder = new TempFolder();
    }

    [TearDown]
    public void DisposeAuthorities()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task Both_sides_know_each_other()
    {
        _authority.WriteTo(_folder, clients: _authority);
        (DockerResult<DockerPing> result, string? client) = await PingAsync(_authority.Issue("localhost", IPAddress.Loopback), "1");
        Assert.That(result.Failure, Is.Null, result.Failure?.Message);
        Assert.That(client, Is.EqualTo("CN=exporter"));
    }

    [Test]
    public async Task An_engine_of_another_authority_is_refused()
    {
        _authority.WriteTo(_folder, clients: _authority);
        (DockerResult<DockerPing> result, _) = await PingAsync(_stranger.Issue("localhost", IPAddress.Loopback), "1");
        Assert.That(result.Failure?.Kind, Is.EqualTo(DockerFailureKind.Tls));
        Assert.That(result.Failure!.Message, Does.Contain("TLS"));
    }

    [Test]
    public async Task An_engine_with_another_name_is_refused()
    {
        _authority.WriteTo(_folder, clients: _authority);
        (DockerResult<DockerPing> result, _) = await PingAsync(_authority.Issue("elsewhere"), "1");
        Assert.That(result.Failure?.Kind, Is.EqualTo(DockerFailureKind.Tls));
    }

    [Test]
    public async Task Without_verification_any_engine_is_taken()
    {
        _authority.WriteTo(_folder, clients: _authority);
        (DockerResult<DockerPing> result, string? client) = await PingAsync(_stranger.Issue("elsewhere"), "");
        Assert.That(result.Failure, Is.Null, result.Failure?.Message);
        Assert.That(client, Is.EqualTo("CN=exporter"));
    }

    [Test]
    public async Task An_engine_that_wants_a_certificate_and_gets_none_is_reported()
    {
        _authority.WriteTo(_folder, clients: null);
        (DockerResult<DockerPing> result, _) = await PingAsync(_authority.Issue("localhost", IPAddress.Loopback), "1");
        Assert.That(result.Failure?.Kind, Is.EqualTo(DockerFailureKind.Tls).Or.EqualTo(DockerFailureKind.Unreachable));
    }

    /// <summary>A ping to a listener that asks for a client certificate; gives the subject of the client it answered.</summary>
    private async Task<(DockerResult<DockerPing> Result, string? Client)> PingAsync(X509Certificate2 server, string verify)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        using CancellationTokenSource stop = new();
        listener.Start();
        Task<string?> serving = ServeAsync(listener, server, stop.Token);
        DockerEndpoint endpoint = DockerEndpoint.Parse($"tcp://{listener.LocalEndpoint}", verify, _folder.Path).Endpoint!;
        using DockerClient client = new(endpoint, null, TimeProvider.System);
        DockerResult<DockerPing> result = await client.PingAsync(CancellationToken.None);
        await stop.CancelAsync();
        string? subject = await serving;
        server.Dispose();
        return (result, subject);
    }

    private static async Task<string?> ServeAsync(TcpListener listener, X509Certificate2 certificate, CancellationToken stop)
    {
        string? subject = null;
        while (true)
        {
            try
            {
                // A client whose connection was dropped tries again.
                using TcpClient connection = await listener.AcceptTcpClientAsync(stop);
                await using SslStream stream = new(connection.GetStream());
                subject = await AnswerAsync(stream, certificate);
            }
            catch (OperationCanceledException)
            {
                return subject;
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException)
            {
                TestContext.Out.WriteLine(exception.Message);
            }
        }
    }

    private static async Task<string?> AnswerAsync(SslStream stream, X509Certificate2 certificate)
    {
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, client, _, _) => client is not null,
        });
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // The request itself says nothing that matters here.
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(RawServer.Whole("OK")));
        return stream.RemoteCertificate?.Subject;
    }
}
