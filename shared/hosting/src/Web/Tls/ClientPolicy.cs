using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Hosting;

/// <summary>What is asked of the clients, by the names of Go's crypto/tls.</summary>
internal enum ClientAuth
{
    /// <summary>No certificate is asked for.</summary>
    NoClientCert,

    /// <summary>One is asked for; any or none is let in.</summary>
    RequestClientCert,

    /// <summary>One is required; who issued it is not checked.</summary>
    RequireAnyClientCert,

    /// <summary>None is let in; one that is sent must be of the client CAs.</summary>
    VerifyClientCertIfGiven,

    /// <summary>One of the client CAs is required.</summary>
    RequireAndVerifyClientCert,
}

/// <summary>Decides by a client's certificate whether its connection is let in.</summary>
internal sealed class ClientPolicy
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ClientAuth _auth;
    private readonly X509Certificate2Collection _authorities;
    private readonly HashSet<string> _anchors;
    private readonly IReadOnlyList<string> _allowedNames;

    /// <summary>Makes a policy.</summary>
    /// <param name="auth">What is asked.</param>
    /// <param name="authorities">The client CAs; any of them ends a chain, also an intermediate one.</param>
    /// <param name="allowedNames">The subject alternative names of which a certificate needs one; none: all.</param>
    public ClientPolicy(ClientAuth auth, X509Certificate2Collection authorities, IReadOnlyList<string> allowedNames)
    {
        _auth = auth;
        _authorities = authorities;
        _anchors = [.. authorities.Select(Fingerprint)];
        _allowedNames = allowedNames;
    }

    /// <summary>What is asked.</summary>
    public ClientAuth Auth => _auth;

    /// <summary>True when a connection without a certificate is refused.</summary>
    public bool Requires => _auth is ClientAuth.RequireAnyClientCert or ClientAuth.RequireAndVerifyClientCert;

    private bool Verifies => _auth is ClientAuth.VerifyClientCertIfGiven or ClientAuth.RequireAndVerifyClientCert;

    /// <summary>Sets what a handshake needs to know.</summary>
    public void Apply(SslServerAuthenticationOptions options)
    {
        options.ClientCertificateRequired = _auth != ClientAuth.NoClientCert;
        options.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        options.CertificateChainPolicy = ChainPolicy();
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Admits(certificate as X509Certificate2, chain, errors);
    }

    private static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    // An intermediate CA may end a chain, as in Go: the platform asks for a self-signed one, so that is left to Admits.
    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ExtraStore.AddRange(_authorities);
        return policy;
    }

    private bool Admits(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return !Requires;
        if (Verifies && (errors != SslPolicyErrors.None || chain is null || !chain.ChainElements.Any(IsAnchor)))
            return false;
        return _allowedNames.Count == 0 || SubjectNames.Of(certificate).Any(name => _allowedNames.Contains(name, StringComparer.Ordinal));
    }

    private bool IsAnchor(X509ChainElement element) => _anchors.Contains(Fingerprint(element.Certificate));
}
