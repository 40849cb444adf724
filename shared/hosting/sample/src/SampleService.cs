using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting.Sample;

/// <summary>A service that watches nothing and can be told to misbehave.</summary>
internal sealed partial class SampleService : IService
{
    private Setting<string> _bind = null!;
    private Setting<int> _port = null!;
    private Setting<TimeSpan> _interval = null!;
    private Setting<long> _workers = null!;
    private Setting<IReadOnlyList<string>> _targets = null!;
    private Setting<string> _mode = null!;
    private Secret _token = null!;
    private Setting<string> _say = null!;
    private Setting<bool> _stuck = null!;
    private Setting<long> _series = null!;
    private Setting<TimeSpan> _scrapeWork = null!;
    private Setting<string> _scrapeError = null!;
    private ILogger _logger = null!;

    public ServiceInfo Info { get; } = new()
    {
        Command = "hosting-sample",
        Title = "Hosting <sample>",
        Description = "Watches nothing & says so",
        DefaultPort = 8099,
        Version = "1.2.3",
        Revision = "abcdef0",
    };

    public void Declare(ServiceSettings settings)
    {
        _port = settings.Port("port", "Server port", 8099).Alias("p");
        _bind = settings.Text("bind", "Bind address", "0.0.0.0", "address");
        settings.ListenOn(_bind, _port);
        _interval = settings.Duration("interval", "Time between two looks", TimeSpan.FromSeconds(90), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1))
            .FromEnvironment("SAMPLE_INTERVAL");
        _workers = settings.Number("workers", "Workers", 4, 1, 64);
        _targets = settings.Repeated("target", "What to watch").FromKey("targets");
        _mode = settings.OneOf("mode", "How the loop ends", "run", "run", "die", "end", "fail-start");
        _token = settings.Secret("api-token", "Token of the service");
        settings.Web.AddUser(settings.Text("user", "User who is let in"), settings.Secret("pass", "Password of --user"));
        settings.Web.Allow.Alias("white-list").FromKey("white_list");
        _say = settings.Text("say", "Text to log at start").FromKey("texts.say");
        _stuck = settings.Switch("stuck-loop", "Run a loop that does not stop");
        _series = settings.Number("series", "Series of a large gauge", 0, 0, 1_000_000);
        _scrapeWork = settings.Duration("scrape-work", "Time that it takes to prepare a scrape", TimeSpan.Zero);
        _scrapeError = settings.Text("scrape-error", "Why scrapes cannot be prepared");
        settings.ReserveLabels("sample_id");
        settings.AddCheck(
            () => _workers.Value > 8 && _interval.Value < TimeSpan.FromSeconds(1) ? ["--workers above 8 needs an --interval of at least 1s"] : [],
            _workers,
            _interval);
    }

    public void Start(ServiceContext context)
    {
        if (_mode.Value == "fail-start")
            throw new ServiceFailedException("cannot start: --mode says so");
        var logger = _logger = context.Loggers.CreateLogger<SampleService>();
        var targets = string.Join(',', _targets.Value);
        LogSettings(logger, _interval.Value, _workers.Value, targets, _token.Value?.Length ?? 0);
        if (_say.Value.Length > 0)
            LogSay(logger, _say.Value);

        context.Metrics.CreateGauge("sample_workers", "Number of workers.", "sample_id").WithLabels("a").Set(_workers.Value);
        if (_series.Value > 0)
        {
            var large = context.Metrics.CreateGauge("sample_large", "Many series.", "sample_id");
            for (var i = 0; i < _series.Value; i++)
                large.WithLabels($"{i}-{new string('x', 100)}").Set(i);
        }
        context.AddFact("Watches <nothing>");
        context.AddLink("/slow", "answers late");
        context.Map("/slow", Slow);
        context.Map("/fail", _ => throw new InvalidOperationException("the sample was told to fail"));
        context.Map("/echo", Echo, HttpMethods.Post);
        context.Map("/count", Count, HttpMethods.Post);
        context.Map("/ready", request => TurnReady(request, context), HttpMethods.Post);
        context.BeforeScrape(Prepare);
        context.RunLoop("watch", Watch);
        if (_stuck.Value)
            context.RunLoop("stuck", _ => new TaskCompletionSource().Task);
    }

    private async Task Slow(HttpContext context)
    {
        LogBegins(_logger, "late answer");
        var wait = int.Parse(context.Request.Query["ms"].ToString() is { Length: > 0 } text ? text : "1000");
        await Task.Delay(wait, context.RequestAborted);
        await context.Response.WriteAsync("late\n", context.RequestAborted);
    }

    private static Task Echo(HttpContext context) => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);

    private static async Task Count(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        await context.Response.WriteAsync($"{body.Length} bytes\n", context.RequestAborted);
    }

    private static Task TurnReady(HttpContext request, ServiceContext context)
    {
        if (request.Request.Query["not"].ToString() is { Length: > 0 } reason)
            context.NotReady(reason);
        else
            context.Ready();
        return Task.CompletedTask;
    }

    private async Task<string?> Prepare(CancellationToken deadline)
    {
        LogBegins(_logger, "preparation");
        try
        {
            await Task.Delay(_scrapeWork.Value, deadline);
        }
        catch (OperationCanceledException)
        {
            LogCut(_logger);
            throw;
        }
        return _scrapeError.Value.Length > 0 ? _scrapeError.Value : null;
    }

    private async Task Watch(CancellationToken stopping)
    {
        if (_mode.Value == "die")
            throw new InvalidOperationException("the sample's loop was told to die");
        if (_mode.Value == "end")
            return;
        await Task.Delay(Timeout.Infinite, stopping);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Settings")]
    private static partial void LogSettings(ILogger logger, TimeSpan interval, long workers, string targets, int tokenLength);

    [LoggerMessage(Level = LogLevel.Information, Message = "Begins")]
    private static partial void LogBegins(ILogger logger, string what);

    [LoggerMessage(Level = LogLevel.Information, Message = "A preparation was cut short")]
    private static partial void LogCut(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Says {Text}")]
    private static partial void LogSay(ILogger logger, string text);
}
