using Microsoft.AspNetCore.Http;

namespace CiMetrics.RunnerExporter.Simulator.Http;

/// <summary>Reads the version off the path, finds the endpoint, and answers errors as the engine does.</summary>
internal sealed class RequestHandler(EngineState engine, RequestLog log, CancellationToken stopping)
{
    public async Task HandleAsync(HttpContext http)
    {
        log.Add($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await engine.Gate.PassAsync(ended.Token);
            await AnswerAsync(http, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client has gone, or the simulator stops: half an answer must not look like a whole one.
            http.Abort();
        }
        catch (BadRequestException e)
        {
            await Reply.ErrorAsync(http, StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private async Task AnswerAsync(HttpContext http, CancellationToken ended)
    {
        var headers = http.Response.Headers;
        headers["Api-Version"] = engine.Options.ApiVersion;
        headers["Docker-Experimental"] = "false";
        headers["Ostype"] = "linux";
        headers.Server = $"Docker/{engine.Options.EngineVersion} (linux)";

        var parts = (http.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries).AsMemory();
        var api = engine.MaxApi;
        if (parts.Length > 0 && parts.Span[0].StartsWith('v') && Version.TryParse(parts.Span[0].AsSpan(1), out var asked))
        {
            api = asked;
            parts = parts[1..];
        }

        if (api < engine.MinApi)
            throw new BadRequestException($"client version {api} is too old. Minimum supported API version is {engine.MinApi}, please upgrade your client to a newer version");
        if (api > engine.MaxApi)
            throw new BadRequestException($"client version {api} is too new. Maximum supported API version is {engine.MaxApi}");

        var request = new EngineRequest(http, api, engine, ended);
        await EndpointAsync(http.Request.Method, parts.ToArray(), request);
    }

    private static Task EndpointAsync(string method, string[] path, EngineRequest request) => (method, path) switch
    {
        ("GET" or "HEAD", ["_ping"]) => SystemEndpoints.PingAsync(request),
        ("GET", ["version"]) => SystemEndpoints.VersionAsync(request),
        ("GET", ["info"]) => SystemEndpoints.InfoAsync(request),
        ("GET", ["events"]) => EventsEndpoint.AnswerAsync(request),
        ("GET", ["containers", "json"]) => ContainerEndpoints.ListAsync(request),
        ("GET", ["containers", var id, "json"]) => ContainerEndpoints.InspectAsync(request, id),
        ("GET", ["containers", var id, "stats"]) => StatsEndpoint.AnswerAsync(request, id),
        _ => Reply.ErrorAsync(request.Http, StatusCodes.Status404NotFound, "page not found"),
    };
}
