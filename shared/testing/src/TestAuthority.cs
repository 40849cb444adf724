using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Testing;

/// <summary>A certificate authority of the test's own. Certificates are ECDSA on P-256 unless told otherwise.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    /// <summary>Makes a root, or an authority below another one.</summary>
    public TestAuthority(string name, TestAuthority? parent = null)
    {
        CertificateRequest request = new($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (parent is null)
        {
            _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(10));
            return;
        }

        using X509Certificate2 issued = request.Create(parent._certificate, DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(5), RandomNumberGenerator.GetBytes(8));
        _certificate = issued.CopyWithPrivateKey(_key);
    }

    /// <summary>Its certificate in PEM form.</summary>
    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Issues a certificate with this DNS name and 127.0.0.1, or the names that <paramref name="names"/> adds.</summary>
    /// <param name="name">The common name.</param>
    /// <param name="forClients">For client authentication; otherwise for servers.</param>
    /// <param name="names">Adds subject alternative names.</param>
    /// <param name="days">The days that it is valid from yesterday on; 0: it has expired.</param>
    /// <param name="rsa">An RSA key.</param>
    public TestCertificate Issue(
        string name, bool forClients = false, Action<SubjectAlternativeNameBuilder>? names = null, int days = 3, bool rsa = false)
    {
        using ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using RSA? modulus = rsa ? RSA.Create(2048) : null;
        CertificateRequest request = modulus is null
            ? new($"CN={name}", curve, HashAlgorithmName.SHA256)
            : new($"CN={name}", modulus, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forClients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], critical: false));
        SubjectAlternativeNameBuilder builder = new();
        if (names is null)
        {
            builder.AddDnsName(name);
            builder.AddIpAddress(IPAddress.Loopback);
        }

        names?.Invoke(builder);
        request.CertificateExtensions.Add(builder.Build());
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        X509SignatureGenerator generator = X509SignatureGenerator.CreateForECDsa(_key);
        using X509Certificate2 issued = request.Create(
            _certificate.SubjectName, generator, from, from.AddDays(days).AddHours(1), RandomNumberGenerator.GetBytes(8));
        AsymmetricAlgorithm key = modulus is null ? curve : modulus;
        return new TestCertificate(issued.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}

/// <summary>A certificate and its key in PEM form.</summary>
public sealed record TestCertificate(string Pem, string Key)
{
    /// <summary>Both as what a client shows.</summary>
    public X509Certificate2 ToCertificate() => X509Certificate2.CreateFromPem(Pem, Key);

    /// <summary>Writes NAME.pem and NAME.key into a folder.</summary>
    public TestCertificate WriteTo(TempFolder folder, string name)
    {
        folder.Write(name + ".pem", Pem);
        folder.Write(name + ".key", Key);
        return this;
    }
}
