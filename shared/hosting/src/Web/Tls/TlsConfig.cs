using System.Net.Security;
using System.Security.Authentication;

namespace CiMetrics.Hosting;

/// <summary>How TLS is served, with certificate and key loaded.</summary>
/// <param name="Certificate">The certificate with its key and the intermediate ones.</param>
/// <param name="Protocols">The versions of TLS.</param>
/// <param name="Ciphers">The cipher suites in the server's order, or null for the system's.</param>
/// <param name="Clients">Which clients are let in.</param>
internal sealed record TlsConfig(
    SslStreamCertificateContext Certificate, SslProtocols Protocols, CipherSuitesPolicy? Ciphers, ClientPolicy Clients);
