using CiMetrics.Hosting;

namespace CiMetrics.Docker;

/// <summary>Where the engine is, as users of the docker command say it: its four variables, and a flag for each.</summary>
public sealed class DockerSettings
{
    private readonly Setting<string> _host;
    private readonly Setting<string> _tlsVerify;
    private readonly Setting<string> _certPath;
    private readonly Setting<string> _apiVersion;

    /// <summary>Declares <c>docker.host</c>, <c>docker.tls-verify</c>, <c>docker.cert-path</c> and <c>docker.api-version</c>.</summary>
    public DockerSettings(ServiceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _host = settings.Text("docker.host", "The Docker engine: unix:///path or tcp://host:port", DockerEndpoint.Default, "url")
            .FromEnvironment("DOCKER_HOST")
            .Must(host => DockerEndpoint.Parse(host).Error?.Replace("DOCKER_HOST: ", "", StringComparison.Ordinal));
        _tlsVerify = settings.Text("docker.tls-verify", "Verify the engine's certificate (any text)").FromEnvironment("DOCKER_TLS_VERIFY");
        _certPath = settings.Text("docker.cert-path", "Folder with ca.pem, cert.pem and key.pem", placeholder: "folder").FromEnvironment("DOCKER_CERT_PATH");
        _apiVersion = settings.Text("docker.api-version", "API version to use instead of negotiating", placeholder: "1.NN")
            .FromEnvironment("DOCKER_API_VERSION")
            .Must(text => ApiVersion.TryParse(text) is not null ? null : "must be a version such as 1.41");
        settings.AddCheck(() => DockerEndpoint.Parse(_host.Value, _tlsVerify.Value, _certPath.Value).Error is { } error ? [error] : [], _host, _tlsVerify, _certPath);
    }

    /// <summary>The endpoint, once the settings have been checked.</summary>
    public DockerEndpoint Endpoint() => DockerEndpoint.Parse(_host.Value, _tlsVerify.Value, _certPath.Value).Endpoint!;

    /// <summary>The version that the user fixed, if any.</summary>
    public ApiVersion? FixedVersion() => ApiVersion.TryParse(_apiVersion.Value);
}
