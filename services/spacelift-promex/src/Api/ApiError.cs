namespace CiMetrics.Spacelift.Api;

/// <summary>What went wrong with a call, as the metric <c>spacelift_api_errors_total{kind}</c> names it.</summary>
internal enum ErrorKind
{
    /// <summary>No connection, or one that broke.</summary>
    Network,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>An HTTP status that is no success.</summary>
    Http,

    /// <summary>HTTP 429, or the wait that it asked for.</summary>
    Throttled,

    /// <summary>The API key or its secret is not accepted.</summary>
    Login,

    /// <summary>The token is not accepted, or the key may not see this.</summary>
    Unauthorized,

    /// <summary>This kind of key or this version of Spacelift cannot answer the query at all.</summary>
    Unsupported,

    /// <summary>Spacelift answered the query with errors.</summary>
    Query,

    /// <summary>The answer is not what the query asks for.</summary>
    Invalid,

    /// <summary>The call was not made: the calls of this hour are used up.</summary>
    Budget,

    /// <summary>The call was not made: the ones before it failed.</summary>
    Circuit,
}

/// <summary>Why there is no answer, or only a part of one.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">In words, without secrets.</param>
internal sealed record ApiError(ErrorKind Kind, string Message);

/// <summary>What a query gave: a value, an error, or both where a part is missing.</summary>
internal readonly record struct ApiResult<T>(T? Value, ApiError? Error)
    where T : class
{
    /// <summary>No value.</summary>
    public static ApiResult<T> Failed(ErrorKind kind, string message) => new(null, new ApiError(kind, message));
}
