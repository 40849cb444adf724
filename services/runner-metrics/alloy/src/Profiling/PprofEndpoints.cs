using System.Globalization;
using System.Text;
using CiMetrics.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Profiling;

/// <summary>
/// <c>/debug/pprof/</c>: profiles of this process as Go programs give them. One at a time, for a bounded time, and nothing
/// is started before one is asked for.
/// </summary>
internal sealed partial class PprofEndpoints(PprofAccess access, TimeSpan longest, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Where they are.</summary>
    public const string Root = "/debug/pprof/";

    private readonly SemaphoreSlim _one = new(1);
    private CancellationToken _stopping;

    /// <summary>The profiles: name, seconds where none are given, and what it is.</summary>
    private static readonly (string Name, double Seconds, string Text)[] Profiles =
    [
        ("allocs", 5, "What is allocated meanwhile, by type and stack (seconds=N)"),
        ("block", 5, "Where threads waited for locks meanwhile (seconds=N)"),
        ("goroutine", 0, "What every managed thread does now"),
        ("heap", 0, "What is on the managed heap, by type; collects garbage"),
        ("mutex", 5, "Where threads waited for locks meanwhile (seconds=N)"),
        ("profile", 30, "Processor time by stack (seconds=N)"),
        ("trace", 1, "Events of the runtime, .nettrace (seconds=N)"),
    ];

    /// <summary>Adds the endpoints to a service.</summary>
    /// <param name="context">The service.</param>
    /// <param name="hasOwnAccess">Whether the token alone decides, and not the rules of the web server as well.</param>
    public void AddTo(ServiceContext context, bool hasOwnAccess)
    {
        _stopping = context.Stopping;
        Add(Root, IndexAsync);
        Add(Root + "cmdline", CommandLineAsync);
        foreach ((string name, double seconds, _) in Profiles) Add(Root + name, request => ProfileAsync(request, name, seconds));
        context.AddLink(Root, "profiles of this process");

        void Add(string path, RequestDelegate handler)
        {
            RequestDelegate guarded = request => access.Refusal(request) is { } refusal ? FailAsync(request, refusal.Status, refusal.Reason) : handler(request);
            if (hasOwnAccess) context.MapWithOwnAccess(path, guarded, HttpMethods.Get);
            else context.Map(path, guarded, HttpMethods.Get);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static Task IndexAsync(HttpContext context)
    {
        StringBuilder page = new("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>/debug/pprof/</title>\n</head>\n<body>\n<h1>/debug/pprof/</h1>\n<p>Profiles of the exporter, not of the runner. <code>go tool pprof URL</code> reads them.</p>\n<ul>\n<li><a href=\"cmdline\">cmdline</a> The program's name; its arguments are not shown</li>\n");
        foreach ((string name, _, string text) in Profiles) page.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{name}\">{name}</a> {text}</li>\n");
        page.Append("</ul>\n</body>\n</html>\n");
        return AnswerAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page.ToString()));
    }

    // What else is on it may be a secret.
    private static Task CommandLineAsync(HttpContext context) =>
        AnswerAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(Path.GetFileName(Environment.ProcessPath ?? "") + "\0[redacted]"));

    private async Task ProfileAsync(HttpContext context, string name, double defaultSeconds)
    {
        string asked = context.Request.Query["seconds"].ToString();
        double seconds = defaultSeconds;
        if (asked.Length > 0 && (!double.TryParse(asked, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) || !double.IsFinite(seconds) || seconds <= 0))
        {
            await FailAsync(context, StatusCodes.Status400BadRequest, "seconds must be a positive number");
            return;
        }
        if (!await _one.WaitAsync(0, context.RequestAborted))
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "another profile is being taken");
            return;
        }
        try
        {
            TimeSpan duration = TimeSpan.FromSeconds(Math.Min(seconds, longest.TotalSeconds));
            LogTaking(name, duration);
            // The end of the service does not wait for the end of a profile.
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping);
            byte[] profile = await ProfileTaker.TakeAsync(name, duration, time, end.Token);
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
            await AnswerAsync(context, "application/octet-stream", profile);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(exception, name);
            await FailAsync(context, StatusCodes.Status500InternalServerError, "the profile cannot be taken; the log has the details");
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task AnswerAsync(HttpContext context, string contentType, byte[] body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Task FailAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        // By this Go's tools know that the text is meant for people.
        context.Response.Headers["X-Go-Pprof"] = "1";
        return AnswerAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(reason + "\n"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Taking a profile")]
    private partial void LogTaking(string profile, TimeSpan duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "A profile cannot be taken")]
    private partial void LogFailed(Exception exception, string profile);
}
