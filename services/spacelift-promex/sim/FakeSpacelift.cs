using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CiMetrics.Spacelift.Simulator;

/// <summary>
/// A simulated Spacelift API on a real web server: it lets in who logged in, answers from a <see cref="FakeAccount"/>,
/// remembers every call, and does otherwise where a plan says so.
/// </summary>
public sealed class FakeSpacelift : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<FakeCall> _calls = new();
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _logins;

    private FakeSpacelift(WebApplication server) => _server = server;

    /// <summary>The secret of the only API key.</summary>
    public string Secret { get; set; } = "s3cret-of-the-key";

    /// <summary>The token that is valid now; null: none is.</summary>
    public string? Token { get; set; }

    /// <summary>How long a token is valid.</summary>
    public TimeSpan TokenLife { get; set; } = TimeSpan.FromHours(10);

    /// <summary>The account.</summary>
    public FakeAccount Account { get; set; } = new();

    /// <summary>What to answer instead; null: what the account has.</summary>
    public Func<FakeCall, FakeAnswer?> Plan { get; set; } = _ => null;

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<FakeCall> Calls => [.. _calls];

    /// <summary>The base of its URLs.</summary>
    public string Url { get; private set; } = "";

    /// <summary>How often an operation was called.</summary>
    public int Count(string operation) => _counts.GetValueOrDefault(operation);

    /// <summary>Starts it on a loopback port.</summary>
    /// <param name="port">The port; 0: a free one.</param>
    /// <param name="certificate">For TLS.</param>
    public static async Task<FakeSpacelift> StartAsync(int port = 0, X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.Configure<KestrelServerOptions>(options => options.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        WebApplication server = builder.Build();
        FakeSpacelift fake = new(server);
        server.Run(fake.AnswerAsync);
        await server.StartAsync();
        Uri bound = new(server.Urls.Single());
        fake.Url = $"{(certificate is null ? "http" : "https")}://127.0.0.1:{bound.Port}";
        return fake;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(200));
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        FakeCall call = await ReadAsync(context);
        _calls.Enqueue(call);
        FakeAnswer answer = Plan(call) ?? Normal(call);
        if (answer.Delay > TimeSpan.Zero) await Task.Delay(answer.Delay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answer.Reset)
        {
            context.Features.Get<IHttpRequestLifetimeFeature>()?.Abort();
            return;
        }
        if (answer.Body is null && answer.Status == 200) answer = answer with { Body = Normal(call).Body };
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Type;
        if (answer.RetryAfter is { } wait) context.Response.Headers.RetryAfter = $"{wait}";
        await context.Response.WriteAsync(answer.Body ?? "", context.RequestAborted);
    }

    private async Task<FakeCall> ReadAsync(HttpContext context)
    {
        JsonElement body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        string query = body.GetProperty("query").GetString() ?? "";
        string operation = FakeResponses.Roots.FirstOrDefault(root => query.Contains(root + " ", StringComparison.Ordinal) || query.Contains(root + "(", StringComparison.Ordinal)) ?? "unknown";
        return new FakeCall(
            _counts.AddOrUpdate(operation, 1, (_, count) => count + 1), operation, context.Request.Path.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body);
    }

    private FakeAnswer Normal(FakeCall call)
    {
        if (call.Operation == "apiKeyUser") return Login(call);
        if (Token is null || call.Headers.GetValueOrDefault("Authorization") != $"Bearer {Token}") return FakeAnswer.Errors("unauthorized");
        return new FakeAnswer(Body: FakeResponses.Of(call, Account));
    }

    private FakeAnswer Login(FakeCall call)
    {
        if (call.Variables.GetProperty("secret").GetString() != Secret) return new FakeAnswer(Body: """{"data":{"apiKeyUser":null}}""");
        Token = $"token-{Interlocked.Increment(ref _logins)}-{Guid.NewGuid():N}";
        long end = DateTimeOffset.UtcNow.Add(TokenLife).ToUnixTimeSeconds();
        return new FakeAnswer(Body: $$$$"""{"data":{"apiKeyUser":{"jwt":"{{{{Token}}}}","validUntil":{{{{end}}}}}}}""");
    }
}
