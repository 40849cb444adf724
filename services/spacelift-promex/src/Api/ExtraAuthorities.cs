using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Spacelift.Api;

/// <summary>Trusts a server whose certificate comes from one of the user's own authorities, by all other rules of TLS.</summary>
internal sealed class ExtraAuthorities(X509Certificate2Collection authorities)
{
    /// <summary>Judges a server's certificate.</summary>
    public bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null) return errors == SslPolicyErrors.None;
        using X509Chain own = new();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1"));
        foreach (X509ChainElement element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using X509Certificate2 leaf = new(certificate);
        return own.Build(leaf);
    }

    /// <summary>Reads a PEM file; null and the rule that it breaks where it cannot be used.</summary>
    public static X509Certificate2Collection? Read(string path, out string? rule)
    {
        X509Certificate2Collection authorities = [];
        rule = null;
        try
        {
            authorities.ImportFromPemFile(path);
            if (authorities.Count > 0) return authorities;
            rule = "must name a PEM file with at least one certificate";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            rule = $"must name a readable PEM file of certificates: {exception.Message}";
        }
        return null;
    }
}
