using System.Net.Http.Headers;

namespace CiMetrics.Docker;

/// <summary>Which API version is spoken with an engine, from the headers of its <c>/_ping</c>.</summary>
internal static class Negotiation
{
    public static DockerResult<DockerPing> Settle(DockerEndpoint endpoint, HttpResponseHeaders headers, ApiVersion? fixedVersion)
    {
        string? server = headers.TryGetValues("Server", out IEnumerable<string>? names) ? string.Join(' ', names) : null;
        string? announced = headers.TryGetValues("Api-Version", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        // Engines of API 1.24 name themselves but send no Api-Version yet.
        ApiVersion? engine = announced is null && server?.StartsWith("Docker/", StringComparison.Ordinal) == true
            ? ApiVersion.Oldest
            : ApiVersion.TryParse(announced);
        if (engine is null) return DockerErrors.Unexpected(endpoint, "/_ping", "has no Api-Version: this is not a Docker engine");

        if (fixedVersion is not null && !fixedVersion.IsAtLeast(ApiVersion.Oldest))
            return Mismatch($"DOCKER_API_VERSION {fixedVersion} is older than {ApiVersion.Oldest}, the oldest this program can use: unset it");
        if (!engine.IsAtLeast(ApiVersion.Oldest))
            return Mismatch($"{endpoint.Display}: the engine ({server ?? "unnamed"}) speaks API {engine} at most, this program needs {ApiVersion.Oldest} or later: update the engine");

        ApiVersion version = fixedVersion ?? (engine.IsAtLeast(ApiVersion.Newest) ? ApiVersion.Newest : engine);
        return new DockerPing(engine, version, server, headers.Date);
    }

    private static DockerFailure Mismatch(string message) => new(DockerFailureKind.VersionMismatch, message);
}
