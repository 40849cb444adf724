using System.Net.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CiMetrics.Hosting;

/// <summary>
/// Serves what listens over TLS where the web configuration says so. Every handshake uses the configuration that is in
/// force at that moment; connections that exist keep what they began with.
/// </summary>
internal sealed class TlsEndpoints(Func<WebConfig> config)
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);
    private static readonly List<SslApplicationProtocol> Http1 = [SslApplicationProtocol.Http11];
    private static readonly List<SslApplicationProtocol> Http1And2 = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    /// <summary>Sets one listener up.</summary>
    public void Apply(ListenOptions listen)
    {
        if (config().Tls is null)
        {
            listen.Protocols = HttpProtocols.Http1;
            return;
        }
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakePatience,
            OnConnection = _ => ValueTask.FromResult(Options(config())),
        });
    }

    private static SslServerAuthenticationOptions Options(WebConfig config)
    {
        var tls = config.Tls ?? throw new InvalidOperationException("TLS was taken away from a listener that has it.");
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = tls.Certificate,
            EnabledSslProtocols = tls.Protocols,
            CipherSuitesPolicy = tls.Ciphers,
            AllowRenegotiation = false,
            ApplicationProtocols = config.Http2 ? Http1And2 : Http1,
        };
        tls.Clients.Apply(options);
        return options;
    }
}
