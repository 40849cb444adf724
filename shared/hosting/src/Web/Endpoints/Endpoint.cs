using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>What answers an exact path, and the methods that it answers.</summary>
internal sealed record Endpoint(string Path, RequestDelegate Handler, IReadOnlyList<string> Methods)
{
    /// <summary>True for paths that only tell a state: they answer while draining, to anyone.</summary>
    public bool IsHealth { get; init; }

    /// <summary>True where the handler itself decides who is let in, and the web server's rules say nothing.</summary>
    public bool HasOwnAccess { get; init; }

    /// <summary>An endpoint that is only read.</summary>
    public static Endpoint ReadOnly(string path, RequestDelegate handler) =>
        new(path, handler, [HttpMethods.Get, HttpMethods.Head]);
}
