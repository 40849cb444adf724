using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CiMetrics.Hosting;

/// <summary>
/// What one request or connection may cost. Beyond the sizes it is answered 414, 431 or 413, too slow ones 408 or
/// nothing at all.
/// </summary>
internal static class ServerLimits
{
    // A client that sends or takes less is not slow but holds a place.
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
    private static readonly MinDataRate SlowestAnswer = new(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>Sets the limits.</summary>
    /// <param name="limits">Those of the server.</param>
    /// <param name="idle">How long a connection may wait for its next request.</param>
    public static void Apply(KestrelServerLimits limits, TimeSpan idle)
    {
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = 1024 * 1024;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = idle;
        limits.MinRequestBodyDataRate = SlowestBody;
        limits.MinResponseDataRate = SlowestAnswer;
    }
}
