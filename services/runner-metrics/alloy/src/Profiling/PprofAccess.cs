using System.Net;
using System.Security.Cryptography;
using System.Text;
using CiMetrics.Hosting;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.AlloyRunner.Profiling;

/// <summary>Who may take profiles: whoever is on this machine, or whoever has the token.</summary>
internal sealed class PprofAccess(bool needsToken, Secret token)
{
    /// <summary>Whether a request is let in; else the status and the reason.</summary>
    public (int Status, string Reason)? Refusal(HttpContext context)
    {
        if (needsToken)
        {
            return HasToken(context.Request.Headers.Authorization.ToString()) ? null : (StatusCodes.Status401Unauthorized, "a bearer token is needed (--pprof-token)");
        }
        // What a proxy on this machine passes on comes from elsewhere.
        bool isPassedOn = context.Request.Headers.ContainsKey("X-Forwarded-For") || context.Request.Headers.ContainsKey("Forwarded") || context.Request.Headers.ContainsKey("Via");
        return context.Connection.RemoteIpAddress is { } peer && IsLoopback(peer) && !isPassedOn
            ? null
            : (StatusCodes.Status403Forbidden, "profiles are given to this machine only (--pprof=token lets others in)");
    }

    private static bool IsLoopback(IPAddress peer) => IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);

    private bool HasToken(string header) =>
        token.Value is { Length: > 0 } secret
        && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
        // By their digests: these have one length, and comparing them tells nothing by its time.
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[7..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
