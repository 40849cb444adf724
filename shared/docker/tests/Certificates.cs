using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

/// <summary>A certificate authority of the test's own, writing the three files of DOCKER_CERT_PATH.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Certificates(string name)
    {
        CertificateRequest request = new($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Authority = request.CreateSelfSigned(From, Until);
    }

    public X509Certificate2 Authority { get; }

    private static DateTimeOffset From => DateTimeOffset.UtcNow.AddDays(-1);

    private static DateTimeOffset Until => DateTimeOffset.UtcNow.AddDays(1);

    public X509Certificate2 Issue(string name, params IPAddress[] addresses)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        foreach (IPAddress address in addresses) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(Authority, From, Until.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    /// <summary>ca.pem of this authority, and a client's certificate of <paramref name="clients"/>.</summary>
    public void WriteTo(TempFolder folder, Certificates? clients)
    {
        folder.Write("ca.pem", Authority.ExportCertificatePem());
        if (clients is null) return;
        using X509Certificate2 client = clients.Issue("exporter");
        folder.Write("cert.pem", client.ExportCertificatePem());
        folder.Write("key.pem", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }
}
