using Microsoft.AspNetCore.Http;

namespace CiMetrics.Hosting;

/// <summary>
/// The paths that tell the state of the process and nothing else: alive as soon as the server answers, ready between
/// start and drain unless the service itself says not. What it watches plays no part: an upstream that is down must not restart its observer.
/// </summary>
internal static class HealthEndpoints
{
    public const string Health = "/health";
    public const string Healthy = "/-/healthy";
    public const string Ready = "/-/ready";

    /// <summary>The endpoints over this state.</summary>
    public static IEnumerable<Endpoint> Of(Readiness readiness) =>
    [
        Endpoint.ReadOnly(Health, Alive) with { IsHealth = true },
        Endpoint.ReadOnly(Healthy, Alive) with { IsHealth = true },
        Endpoint.ReadOnly(Ready, context => IsReady(context, readiness)) with { IsHealth = true },
    ];

    private static Task Alive(HttpContext context) => Answer.PlainText(context, StatusCodes.Status200OK, "OK\n");

    private static Task IsReady(HttpContext context, Readiness readiness) => readiness.State switch
    {
        ReadyState.Ready when readiness.IsHindered => Answer.PlainText(context, StatusCodes.Status503ServiceUnavailable, "Not ready\n"),
        ReadyState.Ready => Answer.PlainText(context, StatusCodes.Status200OK, "Ready\n"),
        ReadyState.Starting => Answer.PlainText(context, StatusCodes.Status503ServiceUnavailable, "Starting\n"),
        _ => Answer.PlainText(context, StatusCodes.Status503ServiceUnavailable, "Stopping\n"),
    };
}
