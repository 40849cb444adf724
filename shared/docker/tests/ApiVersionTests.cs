using System.Net.Http.Headers;
using CiMetrics.Docker;

namespace CiMetrics.Docker.Tests;

public sealed class ApiVersionTests
{
    private static readonly DockerEndpoint Endpoint = DockerEndpoint.Parse(null).Endpoint!;

    [TestCase("1.41", 1, 41)]
    [TestCase("v1.24", 1, 24)]
    [TestCase(" 2.0 ", 2, 0)]
    public void A_version_is_read(string text, int major, int minor) => Assert.That(ApiVersion.TryParse(text), Is.EqualTo(new ApiVersion(major, minor)));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("1")]
    [TestCase("1.")]
    [TestCase(".4")]
    [TestCase("1.4.2")]
    [TestCase("1.-4")]
    [TestCase("latest")]
    public void Anything_else_is_not(string? text) => Assert.That(ApiVersion.TryParse(text), Is.Null);

    [Test]
    public void Minor_numbers_compare_as_numbers()
    {
        Assert.That(new ApiVersion(1, 9).IsAtLeast(new ApiVersion(1, 24)), Is.False);
        Assert.That(new ApiVersion(1, 24).IsAtLeast(new ApiVersion(1, 24)), Is.True);
        Assert.That(new ApiVersion(2, 0).IsAtLeast(new ApiVersion(1, 47)), Is.True);
    }

    [TestCase("1.41", null, "1.41", TestName = "An older engine decides")]
    [TestCase("1.55", null, "1.47", TestName = "A newer engine is asked for our version")]
    [TestCase("1.55", "1.50", "1.50", TestName = "DOCKER_API_VERSION is used as it is")]
    [TestCase("1.24", null, "1.24", TestName = "The oldest is still used")]
    public void Versions_that_meet(string engine, string? fixedVersion, string expected)
    {
        Assert.That(Settle(engine, "Docker/1 (linux)", fixedVersion).TryGet(out DockerPing? ping, out DockerFailure? failure), Is.True, failure?.Message);
        Assert.That(ping!.ApiVersion.ToString(), Is.EqualTo(expected));
        Assert.That(ping.EngineApiVersion.ToString(), Is.EqualTo(engine));
    }

    [Test]
    public void An_engine_that_is_too_old_is_named()
    {
        DockerFailure failure = Settle("1.18", "Docker/1.6 (linux)", null).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.VersionMismatch));
        Assert.That(failure.Message, Does.Contain("Docker/1.6").And.Contain("1.18").And.Contain("1.24").And.Contain("update the engine"));
    }

    [Test]
    public void A_fixed_version_that_is_too_old_is_named()
    {
        DockerFailure failure = Settle("1.41", null, "1.12").Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.VersionMismatch));
        Assert.That(failure.Message, Does.Contain("DOCKER_API_VERSION 1.12").And.Contain("1.24"));
    }

    [Test]
    public void Docker_without_the_header_is_the_oldest_version()
    {
        Assert.That(Settle(null, "Docker/1.12.6 (linux)", null).TryGet(out DockerPing? ping, out _), Is.True);
        Assert.That(ping!.ApiVersion, Is.EqualTo(ApiVersion.Oldest));
    }

    [Test]
    public void A_server_that_is_no_engine_is_told_apart()
    {
        DockerFailure failure = Settle(null, "nginx", null).Failure!;
        Assert.That(failure.Kind, Is.EqualTo(DockerFailureKind.Protocol));
        Assert.That(failure.Message, Does.Contain("not a Docker engine"));
    }

    private static DockerResult<DockerPing> Settle(string? engine, string? server, string? fixedVersion)
    {
        using HttpResponseMessage response = new();
        HttpResponseHeaders headers = response.Headers;
        if (engine is not null) headers.Add("Api-Version", engine);
        if (server is not null) headers.TryAddWithoutValidation("Server", server);
        return Negotiation.Settle(Endpoint, headers, ApiVersion.TryParse(fixedVersion));
    }
}
