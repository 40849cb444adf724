using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace CiMetrics.Spacelift.Api;

/// <summary>Sends one body once, and tells how it went as a value.</summary>
internal sealed class HttpPost : IDisposable
{
    // A page of 50 items has some ten kilobytes, the pools of a large account some hundred.
    private const int LargestAnswer = 4 << 20;

    private readonly HttpClient _client;
    private readonly Uri _url;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    /// <summary>Makes it; it does not connect yet. Proxies come from <c>HTTPS_PROXY</c> and <c>NO_PROXY</c>.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="patience">How long one attempt may take.</param>
    /// <param name="authorities">Authorities that are trusted besides those of the system.</param>
    /// <param name="time">The clock.</param>
    public HttpPost(Uri url, TimeSpan patience, X509Certificate2Collection? authorities, TimeProvider time)
    {
        _url = url;
        _patience = patience;
        _time = time;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (authorities is { Count: > 0 })
            handler.SslOptions.RemoteCertificateValidationCallback = new ExtraAuthorities(authorities).IsTrusted;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Add("Spacelift-Client-Type", "prometheus-exporter");
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("spacelift-promex");
    }

    /// <summary>Sends JSON.</summary>
    /// <param name="body">The JSON.</param>
    /// <param name="token">The bearer token, if there is one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Exchange> SendAsync(ReadOnlyMemory<byte> body, string? token, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(_patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Post, _url)
        {
            Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            // The wait is ended here as well: nobody depends on how fast the client lets go of a call that was cancelled.
            Task<HttpResponseMessage> sending = _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            using HttpResponseMessage response = await Within(sending, either.Token);
            return await JudgeAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Exchange(null, new ApiError(ErrorKind.Timeout, $"no answer within {_patience.TotalSeconds:0.###}s"), IsTransient: true);
        }
        catch (HttpRequestException exception)
        {
            return new Exchange(null, new ApiError(ErrorKind.Network, Reason(exception)), IsTransient: exception.HttpRequestError != HttpRequestError.SecureConnectionError);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static async Task<HttpResponseMessage> Within(Task<HttpResponseMessage> sending, CancellationToken cancellationToken)
    {
        try
        {
            return await sending.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // An answer that comes too late still holds a connection; a failure that does is told to nobody.
            _ = sending.ContinueWith(
                late => { if (late.IsCompletedSuccessfully) late.Result.Dispose(); else _ = late.Exception; },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private async Task<Exchange> JudgeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return await BoundedBody.ReadAsync(response.Content, LargestAnswer, cancellationToken) is { } body
                ? new Exchange(body)
                : new Exchange(null, new ApiError(ErrorKind.Invalid, $"the answer has more than {LargestAnswer >> 20} MiB"));
        }
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new(null, new ApiError(ErrorKind.Unauthorized, "HTTP 401")),
            HttpStatusCode.TooManyRequests => new(null, new ApiError(ErrorKind.Throttled, "HTTP 429"), Wait(response), IsTransient: true),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => new(null, new ApiError(ErrorKind.Http, $"HTTP {status}"), Wait(response), IsTransient: true),
            _ => new(null, new ApiError(ErrorKind.Http, $"HTTP {status}")),
        };
    }

    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    // The cause says more than "an error occurred while sending the request".
    private static string Reason(HttpRequestException exception) =>
        exception.InnerException is { } cause && cause.Message != exception.Message ? $"{exception.Message} ({cause.Message})" : exception.Message;
}
