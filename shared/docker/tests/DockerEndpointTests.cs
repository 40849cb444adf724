using CiMetrics.Docker;
using CiMetrics.Testing;

namespace CiMetrics.Docker.Tests;

public sealed class DockerEndpointTests
{
    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void Unset_is_the_usual_socket(string? dockerHost)
    {
        DockerEndpoint endpoint = Parsed(dockerHost);
        Assert.That(endpoint.SocketPath, Is.EqualTo("/var/run/docker.sock"));
        Assert.That(endpoint.Display, Is.EqualTo("unix:///var/run/docker.sock"));
    }

    [Test]
    public void A_socket_ignores_the_settings_of_TLS()
    {
        DockerEndpoint endpoint = DockerEndpoint.Parse("unix:///run/user/1000/docker.sock", "1", "/absent").Endpoint!;
        Assert.That(endpoint.SocketPath, Is.EqualTo("/run/user/1000/docker.sock"));
        Assert.That(endpoint.Tls, Is.Null);
    }

    [TestCase("tcp://build-host", "http://build-host:2375/")]
    [TestCase("tcp://build-host:4000", "http://build-host:4000/")]
    [TestCase("tcp://build-host:80", "http://build-host/")]
    [TestCase("tcp://[::1]", "http://[::1]:2375/")]
    [TestCase("tcp://[::1]:99", "http://[::1]:99/")]
    [TestCase("http://proxy/docker", "http://proxy/docker/")]
    [TestCase("TCP://10.0.0.1:2375/", "http://10.0.0.1:2375/")]
    [TestCase("https://build-host:2376", "https://build-host:2376/")]
    public void Tcp_addresses(string dockerHost, string expected) =>
        Assert.That(Parsed(dockerHost).BaseAddress.AbsoluteUri, Is.EqualTo(expected));

    [Test]
    public void Verification_turns_tcp_into_TLS_on_its_own_port()
    {
        using TempFolder home = new();
        (DockerEndpoint? endpoint, string? error) = DockerEndpoint.Parse("tcp://build-host", "1", "");
        Assert.That(error, Is.Null);
        Assert.That(endpoint!.BaseAddress.AbsoluteUri, Is.EqualTo("https://build-host:2376/"));
        Assert.That(endpoint.Tls, Is.Not.Null);
    }

    [TestCase("/var/run/docker.sock", "unix:///var/run/docker.sock")]
    [TestCase("unix:/run/d.sock", "unix:///run/d.sock")]
    [TestCase("build-host:2375", "tcp://build-host:2375")]
    [TestCase("ssh://me@host", "ssh -L")]
    [TestCase("npipe:////./pipe/docker_engine", "Windows")]
    [TestCase("fd://", "'fd'")]
    [TestCase("unix://docker.sock", "absolute path")]
    [TestCase("unix://", "absolute path")]
    [TestCase("tcp://", "HOST:PORT")]
    [TestCase("tcp://host:99999", "HOST:PORT")]
    [TestCase("tcp://user@host:1", "HOST:PORT")]
    [TestCase("tcp://host:1?x=1", "HOST:PORT")]
    public void A_mistake_is_named(string dockerHost, string hint)
    {
        (DockerEndpoint? endpoint, string? error) = DockerEndpoint.Parse(dockerHost);
        Assert.That(endpoint, Is.Null);
        Assert.That(error, Does.StartWith("DOCKER_HOST: ").And.Contain(hint));
    }

    [Test]
    public void A_path_longer_than_Linux_allows_is_refused()
    {
        (DockerEndpoint? endpoint, string? error) = DockerEndpoint.Parse("unix:///" + new string('x', 107));
        Assert.That(endpoint, Is.Null);
        Assert.That(error, Does.Contain("107"));
        Assert.That(Parsed("unix:///" + new string('x', 106)).SocketPath, Has.Length.EqualTo(107));
    }

    [Test]
    public void Mistakes_in_the_folder_of_certificates_are_named()
    {
        using TempFolder folder = new();
        Assert.That(Error("/absent"), Does.Contain("no folder '/absent'"));
        Assert.That(Error(folder.Path), Does.Contain("ca.pem' is missing"));
        folder.Write("ca.pem", "not a certificate");
        Assert.That(Error(folder.Path), Does.Contain("holds no certificate"));
        folder.Write("cert.pem", "not a certificate");
        Assert.That(Error(folder.Path), Does.Contain("key.pem' is missing"));
        folder.Write("key.pem", "not a key");
        File.Delete(folder.PathOf("ca.pem"));
        Assert.That(DockerEndpoint.Parse("tcp://host", "", folder.Path).Error, Does.StartWith("DOCKER_CERT_PATH: cannot use").And.Contain("cert.pem"));

        static string? Error(string path) => DockerEndpoint.Parse("tcp://host", "1", path).Error;
    }

    private static DockerEndpoint Parsed(string? dockerHost)
    {
        (DockerEndpoint? endpoint, string? error) = DockerEndpoint.Parse(dockerHost);
        Assert.That(error, Is.Null);
        return endpoint!;
    }
}
