using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>A sample that listens with a web configuration, a folder with its certificates, and clients for it.</summary>
internal sealed class TlsSample : IAsyncDisposable
{
    /// <summary>TLS with the certificate in the folder.</summary>
    public const string Tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

    /// <summary>The user ada with the password hunter2.</summary>
    public const string Ada = "basic_auth_users:\n  ada: $2y$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm\n";

    private TlsSample()
    {
        Folder.Write("ca.pem", Authority.Pem);
        Authority.Issue("server.test").WriteTo(Folder, "server");
    }

    public TempFolder Folder { get; } = new();

    public TestAuthority Authority { get; } = new("hosting");

    public RunningSample Running { get; private set; } = null!;

    public ServiceProcess Process => Running.Process;

    public string ConfigFile => Folder.PathOf("web.yml");

    public string Log => string.Join('\n', Process.Log);

    /// <summary>Starts it; the preparation writes more files.</summary>
    public static async Task<TlsSample> StartAsync(string config, Action<TlsSample>? prepare = null, params string[] arguments)
    {
        var sample = new TlsSample();
        prepare?.Invoke(sample);
        sample.Folder.Write("web.yml", config);
        sample.Running = await Sample.StartAsync(["--web.config.file", sample.ConfigFile, .. arguments]);
        return sample;
    }

    /// <summary>A client that trusts the authority.</summary>
    public HttpClient Client(TestCertificate? certificate = null, TimeSpan? lifetime = null)
    {
        var handler = new SocketsHttpHandler { SslOptions = Options(certificate), PooledConnectionLifetime = lifetime ?? Timeout.InfiniteTimeSpan };
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{Running.Port}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>The status of a GET over a connection of its own; null when TLS refuses it.</summary>
    public async Task<HttpStatusCode?> StatusAsync(TestCertificate? certificate, string path = "/metrics")
    {
        using var client = Client(certificate);
        try
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Shakes hands with options of the test's own; null when it fails.</summary>
    public async Task<(SslProtocols Version, TlsCipherSuite Suite, string Alpn, string Serial)?> HandshakeAsync(Action<SslClientAuthenticationOptions>? set = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Running.Port);
        await using var stream = new SslStream(client.GetStream());
        var options = Options(null);
        set?.Invoke(options);
        try
        {
            await stream.AuthenticateAsClientAsync(options);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return null;
        }
        return (stream.SslProtocol, stream.NegotiatedCipherSuite, stream.NegotiatedApplicationProtocol.ToString(), stream.RemoteCertificate!.GetSerialNumberString());
    }

    /// <summary>Replaces a file as a tool would that writes beside it and renames.</summary>
    public void Replace(string name, string text) => File.Move(Folder.Write(name + ".new", text), Folder.PathOf(name), overwrite: true);

    public async ValueTask DisposeAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            await TestContext.Out.WriteLineAsync(Log);
        await Running.DisposeAsync();
        Authority.Dispose();
        Folder.Dispose();
    }

    private SslClientAuthenticationOptions Options(TestCertificate? certificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "127.0.0.1",
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(Authority.Pem);
        if (certificate is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate.ToCertificate(), null, offline: true);
        return options;
    }
}
