using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Hosting;

/// <summary>Loads certificates and keys from PEM texts; says what is wrong with them, and nothing of what is in them.</summary>
internal static class PemFiles
{
    /// <summary>All certificates of a text; null, and the rule, when there is none or one is damaged.</summary>
    public static X509Certificate2Collection? Certificates(string text, out string? rule)
    {
        rule = null;
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(text);
            if (found.Count > 0)
                return found;
            rule = "must hold a certificate in PEM form (-----BEGIN CERTIFICATE-----)";
        }
        catch (CryptographicException)
        {
            rule = "must hold certificates in PEM form; one of them is damaged";
        }
        return null;
    }

    /// <summary>The key that belongs to a certificate, joined with it; null and the rule when it does not fit.</summary>
    public static X509Certificate2? WithKey(X509Certificate2 certificate, string key, out string? rule)
    {
        rule = null;
        try
        {
            if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
                rule = "must not be encrypted: there is nobody to ask for the passphrase";
            else if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
                rule = "must hold a private key in PEM form (-----BEGIN PRIVATE KEY-----)";
            else if (certificate.GetKeyAlgorithm() is not (Rsa or Ec))
                rule = "cannot be used: the certificate's key must be RSA or ECDSA";
            else
                return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            rule = "must be the undamaged private key of the certificate";
        }
        return null;
    }

    /// <summary>What a server presents: the first certificate of a collection with its key, and the others after it.</summary>
    public static SslStreamCertificateContext Context(X509Certificate2 withKey, X509Certificate2Collection all) =>
        SslStreamCertificateContext.Create(withKey, [.. all.Skip(1)], offline: true);

    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ec = "1.2.840.10045.2.1";
}
