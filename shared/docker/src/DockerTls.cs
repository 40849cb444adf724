using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;

namespace CiMetrics.Docker;

/// <summary>TLS towards the engine: <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> of DOCKER_CERT_PATH.</summary>
internal sealed class DockerTls
{
    private readonly X509Certificate2Collection? _roots;
    private readonly X509Certificate2? _client;
    private readonly bool _verify;

    private DockerTls(X509Certificate2Collection? roots, X509Certificate2? client, bool verify)
    {
        _roots = roots;
        _client = client;
        _verify = verify;
    }

    /// <summary>
    /// Reads the files. <c>cert.pem</c> and <c>key.pem</c> may both be absent; <c>ca.pem</c> is needed where a folder is
    /// given and the engine is verified. Without a folder the docker command's <c>~/.docker</c> is used if it holds
    /// certificates, else the system's roots.
    /// </summary>
    public static (DockerTls? Tls, string? Error) Load(string? certPath, bool verify)
    {
        string folder = certPath is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");
        string ca = Path.Combine(folder, "ca.pem");
        string certificate = Path.Combine(folder, "cert.pem");
        string key = Path.Combine(folder, "key.pem");
        bool hasCa = File.Exists(ca);
        if (certPath is { Length: > 0 } && !Directory.Exists(folder)) return (null, $"DOCKER_CERT_PATH: there is no folder '{folder}'");
        if (certPath is { Length: > 0 } && verify && !hasCa) return (null, $"DOCKER_CERT_PATH: '{ca}' is missing or not readable");
        if (File.Exists(certificate) != File.Exists(key))
            return (null, $"DOCKER_CERT_PATH: '{(File.Exists(key) ? certificate : key)}' is missing; cert.pem and key.pem belong together");

        string reading = ca;
        try
        {
            X509Certificate2Collection? roots = null;
            if (verify && hasCa)
            {
                roots = [];
                roots.ImportFromPemFile(ca);
                if (roots.Count == 0) return (null, $"DOCKER_CERT_PATH: '{ca}' holds no certificate");
            }

            reading = $"{certificate}' with '{key}";
            X509Certificate2? client = File.Exists(certificate) ? X509Certificate2.CreateFromPemFile(certificate, key) : null;
            return (new DockerTls(roots, client, verify), null);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return (null, $"DOCKER_CERT_PATH: cannot use '{reading}': {exception.Message}");
        }
    }

    /// <summary>The options of a handshake. The host name is filled in by the HTTP handler.</summary>
    public SslClientAuthenticationOptions Options()
    {
        SslClientAuthenticationOptions options = new();
        if (_client is not null) options.ClientCertificateContext = SslStreamCertificateContext.Create(_client, additionalCertificates: null, offline: true);
        if (!_verify)
        {
#pragma warning disable CA5359, MA0039 // DOCKER_CERT_PATH without DOCKER_TLS_VERIFY asks for exactly this, in the docker command too.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (_roots is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
        }

        return options;
    }
}
