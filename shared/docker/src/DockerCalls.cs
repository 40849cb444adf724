using System.Net;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;

namespace CiMetrics.Docker;

/// <summary>How long a call may take and how large its answer may be.</summary>
internal sealed record DockerCall(TimeSpan Patience, int LargestAnswer)
{
    private const int MiB = 1024 * 1024;

    /// <summary>Answered from the engine's memory.</summary>
    public static DockerCall Quick { get; } = new(TimeSpan.FromSeconds(5), 4 * MiB);

    /// <summary>Walks over all containers.</summary>
    public static DockerCall List { get; } = new(TimeSpan.FromSeconds(5), 64 * MiB);

    /// <summary>Asks storage drivers and plug-ins as well.</summary>
    public static DockerCall Slow { get; } = new(TimeSpan.FromSeconds(10), 4 * MiB);

    /// <summary>Without one-shot a contended engine takes two seconds.</summary>
    public static DockerCall Stats { get; } = new(TimeSpan.FromSeconds(10), MiB);

    /// <summary>Two letters.</summary>
    public static DockerCall Ping { get; } = new(TimeSpan.FromSeconds(5), 64 * 1024);
}

/// <summary>One exchange with the engine: a deadline, a bound on the answer, and failures as values.</summary>
internal sealed class DockerCalls(DockerEndpoint endpoint, TimeProvider time) : IDisposable
{
    private const int LargestErrorBody = 64 * 1024;

    private readonly HttpMessageInvoker _http = DockerTransport.Create(endpoint);

    /// <summary>Gets JSON. <paramref name="path"/> starts with the version, without a slash.</summary>
    public Task<DockerResult<T>> GetAsync<T>(string path, DockerCall call, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class =>
        WithDeadlineAsync<T>(path, call, async token =>
        {
            using HttpResponseMessage response = await SendAsync(path, token);
            if (response.StatusCode != HttpStatusCode.OK) return await FailureOfAsync(response, path, token);
            using BoundedBody body = await BoundedBody.ReadAsync(response.Content, call.LargestAnswer, token);
            if (body.TooLong) return DockerErrors.Unexpected(endpoint, Short(path), $"is larger than {call.LargestAnswer} bytes");
            try
            {
                return JsonSerializer.Deserialize(body.Bytes, type) is { } value
                    ? value
                    : DockerErrors.Unexpected(endpoint, Short(path), "is empty");
            }
            catch (JsonException exception)
            {
                return DockerErrors.Unexpected(endpoint, Short(path), $"is not the JSON that Docker documents: {exception.Message}");
            }
        }, cancellation);

    /// <summary>Gets an answer whose body goes on. The deadline is that of its headers; the caller disposes the response.</summary>
    public Task<DockerResult<HttpResponseMessage>> OpenAsync(string path, DockerCall call, CancellationToken cancellation) =>
        WithDeadlineAsync<HttpResponseMessage>(path, call, async token =>
        {
            HttpResponseMessage response = await SendAsync(path, token);
            if (response.StatusCode == HttpStatusCode.OK) return response;
            using (response) return await FailureOfAsync(response, path, token);
        }, cancellation);

    /// <summary>Asks for the engine's versions and settles on one.</summary>
    public Task<DockerResult<DockerPing>> PingAsync(ApiVersion? fixedVersion, CancellationToken cancellation) =>
        WithDeadlineAsync<DockerPing>("_ping", DockerCall.Ping, async token =>
        {
            using HttpResponseMessage response = await SendAsync("_ping", token);
            if (response.StatusCode != HttpStatusCode.OK) return await FailureOfAsync(response, "_ping", token);
            // Read to its end so that the connection can be used again.
            using BoundedBody body = await BoundedBody.ReadAsync(response.Content, DockerCall.Ping.LargestAnswer, token);
            return Negotiation.Settle(endpoint, response.Headers, fixedVersion);
        }, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellation)
    {
        HttpRequestMessage request = new(HttpMethod.Get, new Uri(endpoint.BaseAddress, path));
        return _http.SendAsync(request, cancellation);
    }

    private async Task<DockerResult<T>> WithDeadlineAsync<T>(
        string path, DockerCall call, Func<CancellationToken, Task<DockerResult<T>>> exchange, CancellationToken cancellation)
        where T : class
    {
        using CancellationTokenSource deadline = new(call.Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            return await exchange(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return DockerErrors.TimedOut(endpoint, Short(path), call.Patience);
        }
        catch (Exception exception) when (DockerErrors.IsTransport(exception))
        {
            cancellation.ThrowIfCancellationRequested();
            return DockerErrors.Of(exception, endpoint);
        }
    }

    private async Task<DockerFailure> FailureOfAsync(HttpResponseMessage response, string path, CancellationToken cancellation)
    {
        using BoundedBody body = await BoundedBody.ReadAsync(response.Content, LargestErrorBody, cancellation);
        return DockerErrors.OfStatus(endpoint, Short(path), response.StatusCode, body.Bytes);
    }

    private static string Short(string path) => "/" + path.Split('?')[0];
}
