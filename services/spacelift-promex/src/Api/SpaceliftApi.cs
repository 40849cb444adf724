using System.Collections.Concurrent;
using System.Text.Json;

namespace CiMetrics.Spacelift.Api;

/// <summary>An account's GraphQL API: queries in, values or errors out.</summary>
internal sealed class SpaceliftApi(ResilientPost post, Session session, ApiCounts counts)
{
    private readonly ConcurrentDictionary<string, bool> _denied = new(StringComparer.Ordinal);

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
            _denied.TryRemove(operation.Name, out _);
            return result;
        }
        // What a fresh token was not let see either is a matter of the key's rights: no exchange helps.
        if (_denied.ContainsKey(operation.Name)) return result;
        token = await session.TokenAsync(rejected: token.Value, cancellationToken);
        if (token.Value is null) return new ApiResult<T>(null, token.Error);
        result = await OnceAsync(operation, body, token.Value, cancellationToken);
        if (result.Error?.Kind == ErrorKind.Unauthorized) _denied.TryAdd(operation.Name, true);
        return result;
    }

    private async Task<ApiResult<T>> OnceAsync<T>(Operation<T> operation, ReadOnlyMemory<byte> body, string token, CancellationToken cancellationToken)
        where T : class
    {
        Exchange exchange = await post.SendAsync(operation.Name, body, token, cancellationToken);
        return exchange.Body is null ? new ApiResult<T>(null, exchange.Error) : GraphQl.Read(exchange.Body, operation);
    }
}
