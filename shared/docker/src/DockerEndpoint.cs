using System.Text;

namespace CiMetrics.Docker;

/// <summary>Where the engine listens: a Unix socket, or TCP with or without TLS.</summary>
public sealed class DockerEndpoint
{
    /// <summary>What the docker command uses when DOCKER_HOST is unset.</summary>
    public const string Default = "unix:///var/run/docker.sock";

    // sun_path of sockaddr_un, less the terminating zero.
    private const int LongestSocketPath = 107;

    private DockerEndpoint(string display, Uri baseAddress)
    {
        Display = display;
        BaseAddress = baseAddress;
    }

    /// <summary>The address as a user writes it in DOCKER_HOST; for log lines.</summary>
    public string Display { get; }

    /// <summary>What request paths are relative to; ends in a slash. Over a Unix socket the host part means nothing.</summary>
    internal Uri BaseAddress { get; }

    /// <summary>The socket's path; null for TCP.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>Null without TLS.</summary>
    internal DockerTls? Tls { get; private init; }

    /// <summary>
    /// Reads the three variables as the docker command does: TLS is used over TCP when <paramref name="tlsVerify"/>
    /// (any non-empty text) or <paramref name="certPath"/> is given, and always for https. With a folder of
    /// certificates but without <paramref name="tlsVerify"/> the engine's certificate is not checked.
    /// </summary>
    /// <returns>The endpoint, or one line saying what is wrong with which variable.</returns>
    public static (DockerEndpoint? Endpoint, string? Error) Parse(string? dockerHost, string? tlsVerify = null, string? certPath = null)
    {
        string host = string.IsNullOrWhiteSpace(dockerHost) ? Default : dockerHost.Trim();
        int colon = host.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0) return (null, "DOCKER_HOST: must begin with unix://, tcp://, http:// or https://" + Hint(host));

#pragma warning disable CA1308 // Schemes are compared in lower case everywhere.
        string scheme = host[..colon].ToLowerInvariant();
#pragma warning restore CA1308
        return scheme switch
        {
            "unix" => OfSocket(host, host[(colon + 3)..]),
            "tcp" or "http" or "https" => OfTcp(host, scheme, tlsVerify, certPath),
            "ssh" => (null, "DOCKER_HOST: ssh:// is not supported; forward the socket (ssh -L /tmp/docker.sock:/var/run/docker.sock host) and use unix:///tmp/docker.sock"),
            "npipe" => (null, "DOCKER_HOST: npipe:// exists on Windows only; allowed are unix://, tcp://, http:// and https://"),
            _ => (null, $"DOCKER_HOST: scheme '{scheme}' is not known; allowed are unix://, tcp://, http:// and https://"),
        };
    }

    private static string Hint(string host) =>
        host.StartsWith("unix:", StringComparison.Ordinal) ? $"; did you mean 'unix://{host["unix:".Length..]}'?"
        : host.StartsWith('/') ? $"; did you mean 'unix://{host}'?"
        : host.Contains('@', StringComparison.Ordinal) ? "" // A password may stand before it.
        : $"; did you mean 'tcp://{host}'?";

    private static (DockerEndpoint?, string?) OfSocket(string host, string path)
    {
        if (!path.StartsWith('/')) return (null, $"DOCKER_HOST: needs an absolute path, such as {Default}");
        if (Encoding.UTF8.GetByteCount(path) > LongestSocketPath)
            return (null, $"DOCKER_HOST: the socket's path is longer than the {LongestSocketPath} bytes that Linux allows");
        return (new DockerEndpoint(host, new Uri("http://docker/")) { SocketPath = path }, null);
    }

    private static (DockerEndpoint?, string?) OfTcp(string host, string scheme, string? tlsVerify, string? certPath)
    {
        bool verify = !string.IsNullOrEmpty(tlsVerify);
        bool secure = scheme == "https" || (scheme == "tcp" && (verify || !string.IsNullOrEmpty(certPath)));
        string rest = host[(host.IndexOf("://", StringComparison.Ordinal) + 3)..];
        if (!Uri.TryCreate($"{(secure ? "https" : "http")}://{rest}", UriKind.Absolute, out Uri? uri)
            || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return (null, $"DOCKER_HOST: must be {scheme}://HOST:PORT");

        UriBuilder address = new(uri) { Path = uri.AbsolutePath.TrimEnd('/') + "/" };
        // tcp:// has ports of its own where none is written.
        if (scheme == "tcp" && uri.IsDefaultPort && !HasPort(rest)) address.Port = secure ? 2376 : 2375;
        if (!secure) return (new DockerEndpoint(host, address.Uri), null);

        (DockerTls? tls, string? error) = DockerTls.Load(certPath, verify || string.IsNullOrEmpty(certPath));
        return tls is null ? (null, error) : (new DockerEndpoint(host, address.Uri) { Tls = tls }, null);
    }

    private static bool HasPort(string rest)
    {
        string authority = rest.Split('/')[0];
        return authority.LastIndexOf(':') > authority.LastIndexOf(']');
    }
}
