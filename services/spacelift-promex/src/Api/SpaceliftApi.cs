using System.Collections.Concurrent;
using System.Text.Json;

namespace CiMetrics.Spacelift.Api;

/// <summary>An account's GraphQL API: queries in, values or errors out.</summary>
internal sealed class SpaceliftApi(ResilientPost post, Session session, ApiCounts counts, TimeProvider time)
{
    // Where a token is good for nothing at all it may be the token after all; each exchange may be billed.
    private static readonly TimeSpan AfterDenial = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, long> _denied = new(StringComparer.Ordinal);
    private string? _accepted;

    /// <summary>Logs in, unless there is a valid token.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ApiError?> LoginAsync(CancellationToken cancellationToken) => (await session.TokenAsync(rejected: null, cancellationToken)).Error;

    /// <summary>Asks a query. A token that is not accepted is renewed once.</summary>
    /// <param name="operation">The query.</param>
    /// <param name="variables">Writes its variables.</param>
    /// <param name="cancellationToken">Ends it; that is an error of the kind time-out.</param>
    public async Task<ApiResult<T>> QueryAsync<T>(Operation<T> operation, Action<Utf8JsonWriter>? variables, CancellationToken cancellationToken)
        where T : class
    {
        ApiResult<T> result;
        try
        {
            result = await AskAsync(operation, variables, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = ApiResult<T>.Failed(ErrorKind.Timeout, "no answer in time");
        }
        if (result.Error is not { } error) return result;
        counts.Failed(error.Kind);
        return result with { Error = error with { Message = session.Redact(error.Message) } };
    }

    private async Task<ApiResult<T>> AskAsync<T>(Operation<T> operation, Action<Utf8JsonWriter>? variables, CancellationToken cancellationToken)
        where T : class
    {
        ReadOnlyMemory<byte> body = GraphQl.Request(operation.Document, variables);
        ApiResult<string> token = await session.TokenAsync(rejected: null, cancellationToken);
        if (token.Value is null) return new ApiResult<T>(null, token.Error);
        ApiResult<T> result = await OnceAsync(operation, body, token.Value, cancellationToken);
        if (result.Error?.Kind != ErrorKind.Unauthorized)
        {
            if (result.Value is not null) Volatile.Write(ref _accepted, token.Value);
            _denied.TryRemove(operation.Name, out _);
            return result;
        }
        // What a fresh token was not let see either is a matter of the key's rights: no exchange helps.
        if (IsDenied(operation.Name, token.Value)) return result;
        token = await session.TokenAsync(rejected: token.Value, cancellationToken);
        if (token.Value is null) return new ApiResult<T>(null, token.Error);
        result = await OnceAsync(operation, body, token.Value, cancellationToken);
        if (result.Error?.Kind == ErrorKind.Unauthorized) _denied[operation.Name] = time.GetTimestamp();
        else if (result.Value is not null) Volatile.Write(ref _accepted, token.Value);
        return result;
    }

    private bool IsDenied(string operation, string token) =>
        _denied.TryGetValue(operation, out long since) && (token == Volatile.Read(ref _accepted) || time.GetElapsedTime(since) < AfterDenial);

    private async Task<ApiResult<T>> OnceAsync<T>(Operation<T> operation, ReadOnlyMemory<byte> request, string token, CancellationToken cancellationToken)
        where T : class
    {
        Exchange exchange = await post.SendAsync(operation.Name, request, token, cancellationToken);
        using PooledBody? body = exchange.Body;
        return body is null ? new ApiResult<T>(null, exchange.Error) : GraphQl.Read(body.Bytes, operation);
    }
}
