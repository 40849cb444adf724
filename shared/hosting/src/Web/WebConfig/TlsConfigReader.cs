using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Hosting;

/// <summary>Reads <c>tls_server_config</c> and the files that it names.</summary>
internal sealed class TlsConfigReader(YamlSection section, FilesRead files)
{
    private static readonly string[] Versions = ["TLS10", "TLS11", "TLS12", "TLS13"];

    /// <summary>The configuration; null after a mistake.</summary>
    public TlsConfig? Read()
    {
        var certificate = Certificate();
        var protocols = Protocols();
        var ciphers = Ciphers(protocols);
        var clients = Clients();
        section.RefuseUnsupported("curve_preferences", ".NET leaves the curves to OpenSSL (Groups in openssl.cnf); remove it");
        if (!section.Boolean("prefer_server_cipher_suites", true))
            section.Refuse("prefer_server_cipher_suites", "must be true: the server's order always decides");
        section.RefuseOthers();
        return certificate is null || clients is null ? null : new TlsConfig(certificate, protocols, ciphers, clients);
    }

    private SslStreamCertificateContext? Certificate()
    {
        var (certificateKey, certificateText) = Pem("cert");
        var (keyKey, keyText) = Pem("key");
        if (certificateText is null)
            return null;
        if (PemFiles.Certificates(certificateText, out var rule) is not { } all)
        {
            section.Refuse(certificateKey, rule!);
            return null;
        }
        if (keyText is null)
            return null;
        if (PemFiles.WithKey(all[0], keyText, out rule) is { } withKey)
            return PemFiles.Context(withKey, all);
        section.Refuse(keyKey, rule!);
        return null;
    }

    // Every PEM text stands in the file itself or in one that it names.
    private (string Key, string? Text) Pem(string inline, bool isNeeded = true)
    {
        var byName = inline + "_file";
        if (section.Has(inline) && section.Has(byName))
            section.Refuse(inline, $"must not be given beside {byName}");
        else if (section.Has(inline))
            return (inline, section.Text(inline));
        else if (!section.Has(byName) && isNeeded)
            section.Refuse($"needs {byName} or {inline}");
        if (!section.Has(byName) || section.Text(byName) is not { } path)
            return (byName, null);
        var text = files.Read(path, out var rule);
        if (text is null)
            section.Refuse(byName, rule!, path);
        return (byName, text);
    }

    private SslProtocols Protocols()
    {
        var lowest = Version("min_version", "TLS12");
        var highest = Version("max_version", "TLS13");
        if (string.CompareOrdinal(lowest, highest) > 0)
            section.Refuse("min_version", "must not be above max_version, " + highest, lowest);
        return (lowest == "TLS12" ? SslProtocols.Tls12 : SslProtocols.None) | (highest == "TLS13" ? SslProtocols.Tls13 : SslProtocols.None);
    }

    private string Version(string key, string otherwise)
    {
        if (!section.Has(key) || section.Text(key) is not { } text)
            return otherwise;
        if (text is "TLS12" or "TLS13")
            return text;
        section.Refuse(
            key,
            Versions.Contains(text, StringComparer.Ordinal)
                ? "must be TLS12 or TLS13: OpenSSL 3 does not serve older versions at its default security level"
                : "must be TLS12 or TLS13",
            text);
        return otherwise;
    }

    private CipherSuitesPolicy? Ciphers(SslProtocols protocols)
    {
        if (!section.Has("cipher_suites"))
            return null;
        var suites = new List<TlsCipherSuite>();
        foreach (var item in section.List("cipher_suites"))
        {
            if (CipherSuiteNames.Find(item.Text, out var rule) is not { } suite)
                section.Refuse(item, "cipher_suites", rule, item.Text);
            else if (!suites.Contains(suite))
                suites.Add(suite);
        }
        // As with Go the list is about TLS 1.2: TLS 1.3 loses a suite only where the list names others of its own.
        if (!suites.Exists(CipherSuiteNames.OfTls13.Contains))
            suites.InsertRange(0, CipherSuiteNames.OfTls13);
        if (protocols == SslProtocols.Tls12 && suites.TrueForAll(CipherSuiteNames.OfTls13.Contains))
            section.Refuse("cipher_suites", "must name a suite of TLS 1.2: max_version is TLS12");
        return OperatingSystem.IsLinux() ? new CipherSuitesPolicy(suites) : null;
    }

    private ClientPolicy? Clients()
    {
        // RequireClientCert is what older files call RequireAnyClientCert.
        var auth = section.Word("client_auth_type", [.. Enum.GetNames<ClientAuth>(), "RequireClientCert"]);
        var policy = auth == "RequireClientCert" ? ClientAuth.RequireAnyClientCert : Enum.Parse<ClientAuth>(auth);
        var (key, text) = Pem("client_ca", isNeeded: false);
        var authorities = new X509Certificate2Collection();
        if (text is not null)
        {
            if (PemFiles.Certificates(text, out var rule) is { } found)
                authorities = found;
            else
                section.Refuse(key, rule!);
        }
        var hasAuthorities = section.Has("client_ca") || section.Has("client_ca_file");
        if (hasAuthorities && policy == ClientAuth.NoClientCert)
            section.Refuse(key, "needs a client_auth_type that asks for a certificate");
        if (!hasAuthorities && policy is ClientAuth.VerifyClientCertIfGiven or ClientAuth.RequireAndVerifyClientCert)
            section.Refuse("client_auth_type", "needs client_ca_file or client_ca to verify against", auth);
        var names = section.List("client_allowed_sans");
        if (section.Has("client_allowed_sans") && policy is not (ClientAuth.RequireAnyClientCert or ClientAuth.RequireAndVerifyClientCert))
            section.Refuse("client_allowed_sans", "needs a client_auth_type that requires a certificate: RequireAnyClientCert or RequireAndVerifyClientCert");
        return new ClientPolicy(policy, authorities, [.. names.Select(name => name.Text)]);
    }
}
