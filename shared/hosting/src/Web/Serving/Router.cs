using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>
/// Sends a request that the gate lets in to the endpoint of its exact path: 404 elsewhere, 405 for a method that the
/// endpoint does not answer, 429 beyond the rate limit, 503 while draining, 500 with a short body when it throws. Health paths have no gate.
/// </summary>
internal sealed partial class Router
{
    private readonly Dictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly AccessGate _gate;
    private readonly WebConfigFront _front;
    private readonly InFlight _inFlight;
    private readonly ILogger _logger;

    /// <summary>Makes a router; two endpoints of one path are a mistake of the service.</summary>
    public Router(IEnumerable<Endpoint> endpoints, AccessGate gate, WebConfigFront front, InFlight inFlight, ILogger logger)
    {
        foreach (var endpoint in endpoints)
        {
            if (!_endpoints.TryAdd(endpoint.Path, endpoint))
                throw new ArgumentException("The path " + endpoint.Path + " has two endpoints.", nameof(endpoints));
        }
        _gate = gate;
        _front = front;
        _inFlight = inFlight;
        _logger = logger;
    }

    /// <summary>Answers a request.</summary>
    public Task Handle(HttpContext context)
    {
        _front.AddHeaders(context);
        var endpoint = _endpoints.GetValueOrDefault(context.Request.Path.Value ?? "");
        return endpoint is { IsHealth: true } ? Dispatch(context, endpoint) : Counted(context, endpoint);
    }

    private static Task Dispatch(HttpContext context, Endpoint? endpoint)
    {
        if (endpoint is null)
            return Answer.PlainText(context, StatusCodes.Status404NotFound, "404 not found\n");
        if (endpoint.Methods.Contains(context.Request.Method, StringComparer.Ordinal))
            return endpoint.Handler(context);
        context.Response.Headers.Allow = string.Join(", ", endpoint.Methods);
        return Answer.PlainText(context, StatusCodes.Status405MethodNotAllowed, "405 method not allowed\n");
    }

    private async Task Counted(HttpContext context, Endpoint? endpoint)
    {
        if (!_inFlight.TryEnter())
        {
            context.Response.Headers.Connection = "close";
            context.Response.Headers.RetryAfter = "1";
            await Answer.PlainText(context, StatusCodes.Status503ServiceUnavailable, "503 stopping\n");
            return;
        }
        try
        {
            if (!_front.TryTake())
            {
                await Answer.PlainText(context, StatusCodes.Status429TooManyRequests, "429 too many requests\n");
                return;
            }
            // The gate comes before all else: whoever may not enter does not learn which paths there are.
            if (endpoint is { HasOwnAccess: true } || await _gate.AdmitsAsync(context))
                await Dispatch(context, endpoint);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer.
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            await Answer.PlainText(context, exception.StatusCode, exception.StatusCode + " bad request\n");
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFailed(exception, context.Request.Path.Value ?? "");
            context.Response.Clear();
            _front.AddHeaders(context);
            await Answer.PlainText(context, StatusCodes.Status500InternalServerError, "500 internal error\n");
        }
        finally
        {
            _inFlight.Leave();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed")]
    private partial void LogFailed(Exception exception, string path);
}
