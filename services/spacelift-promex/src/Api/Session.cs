using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.Api;

/// <summary>
/// Exchanges the API key for a token, one exchange at a time, and no more often than needed: each may be billed as a user.
/// </summary>
internal sealed partial class Session
{
    private static readonly Operation<LoginData> Login = new("login", ApiJson.Default.LoginData);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(30);
    // A key that was refused is not shown again at once.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(10);
    // Who waits for an exchange has a limit of his own.
    private static readonly TimeSpan LongestExchange = TimeSpan.FromSeconds(20);
    private const int LongestToken = 16 << 10;

    private readonly ResilientPost _post;
    private readonly string _keyId;
    private readonly SecretSource _secret;
    private readonly ApiCounts _counts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Trouble _trouble = new();
    private readonly Lock _lock = new();
    private Task<ApiResult<string>>? _exchange;
    private Token? _token;
    private string? _tokenBefore;
    private Refusal? _refusal;

    /// <summary>Makes it; nothing is sent yet.</summary>
    public Session(ResilientPost post, string keyId, SecretSource secret, ApiCounts counts, TimeProvider time, ILogger logger)
    {
        _post = post;
        _keyId = keyId;
        _secret = secret;
        _counts = counts;
        _time = time;
        _logger = logger;
    }

    /// <summary>A text without what must not be shown: the secret, and the tokens that a call may have had.</summary>
    public string Redact(string text) => Words.Shown(text, _secret.Last, Volatile.Read(ref _token)?.Text, Volatile.Read(ref _tokenBefore));

    /// <summary>A token that is valid for a while.</summary>
    /// <param name="rejected">A token that Spacelift did not accept: another one is needed.</param>
    /// <param name="cancellationToken">Ends the wait; an exchange that runs goes on for the others.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ApiResult<string>> TokenAsync(string? rejected, CancellationToken cancellationToken)
    {
        Task<ApiResult<string>> exchange;
        lock (_lock)
        {
            if (Current(rejected) is { } current) return new ApiResult<string>(current, null);
            exchange = _refusal is { } refusal && _time.GetElapsedTime(refusal.At) < AfterRefusal
                ? Task.FromResult(new ApiResult<string>(null, refusal.Error))
                : _exchange ??= Task.Run(BoundedExchangeAsync, CancellationToken.None);
        }
        ApiResult<string> result = await exchange.WaitAsync(cancellationToken);
        // A renewal ahead of time that failed leaves a token that is still good.
        return result.Value is null && StillValid(rejected) is { } old ? new ApiResult<string>(old, null) : result;
    }

    private string? Current(string? rejected) =>
        _token is { } token && token.Text != rejected && _time.GetUtcNow() < token.RenewAt ? token.Text : null;

    private string? StillValid(string? rejected) =>
        Volatile.Read(ref _token) is { } token && token.Text != rejected && _time.GetUtcNow() < token.End ? token.Text : null;

    private async Task<ApiResult<string>> BoundedExchangeAsync()
    {
        using CancellationTokenSource limit = new(LongestExchange, _time);
        ApiResult<string> result = ApiResult<string>.Failed(ErrorKind.Login, "login: it failed unexpectedly");
        try
        {
            result = await ExchangeAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            result = Failed(new ApiError(ErrorKind.Timeout, $"no answer within {LongestExchange.TotalSeconds}s"));
        }
        finally
        {
            lock (_lock)
            {
                _refusal = result.Error is { Kind: ErrorKind.Login } error ? new Refusal(error, _time.GetTimestamp()) : null;
                _exchange = null;
            }
        }
        return result;
    }

    private async Task<ApiResult<string>> ExchangeAsync(CancellationToken cancellationToken)
    {
        string? secret = _secret.Read(out string? problem);
        if (_trouble.IsNew(problem)) LogSecret(problem);
        if (secret is null) return Failed(new ApiError(ErrorKind.Login, problem ?? "there is no secret"));
        ReadOnlyMemory<byte> body = GraphQl.Request(Login.Document, variables => Write(variables, secret));
        Exchange exchange = await _post.SendAsync(Login.Name, body, token: null, cancellationToken);
        using PooledBody? answered = exchange.Body;
        if (answered is null) return Failed(exchange.Error!);
        ApiResult<LoginData> answer = GraphQl.Read(answered.Bytes, Login);
        if (answer.Value?.ApiKeyUser is not { } user)
            return Failed(answer.Error ?? new ApiError(ErrorKind.Login, "Spacelift does not know this API key or its secret"));
        if (!IsToken(user.Jwt)) return Failed(new ApiError(ErrorKind.Invalid, "the answer's token is none"));
        Keep(user);
        _counts.Logins.WithLabels("success").Inc();
        LogLoggedIn(user.ValidUntil);
        return new ApiResult<string>(user.Jwt, null);
    }

    // What cannot stand in a header must not come as far as one: the client's message would quote it.
    private static bool IsToken(string text) => text.Length is > 0 and <= LongestToken && text.All(c => c is > ' ' and <= '~');

    private void Keep(ApiKeyUser user)
    {
        // A clock that goes wrong must not make every query log in.
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(user.ValidUntil, 0, 253_402_300_799));
        if (end < now + (2 * Ahead)) end = now + (2 * Ahead);
        lock (_lock)
        {
            Volatile.Write(ref _tokenBefore, _token?.Text);
            Volatile.Write(ref _token, new Token(user.Jwt, end - Ahead, end));
        }
    }

    private void Write(Utf8JsonWriter variables, string secret)
    {
        variables.WriteString("id"u8, _keyId);
        variables.WriteString("secret"u8, secret);
    }

    private ApiResult<string> Failed(ApiError error)
    {
        _counts.Logins.WithLabels("failure").Inc();
        return new ApiResult<string>(null, new ApiError(
            error.Kind == ErrorKind.Unauthorized ? ErrorKind.Login : error.Kind, "login: " + Redact(error.Message)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Logged in to Spacelift")]
    private partial void LogLoggedIn(long validUntil);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The file of the API key's secret cannot be used; the secret from before is")]
    private partial void LogSecret(string problem);

    private sealed record Token(string Text, DateTimeOffset RenewAt, DateTimeOffset End);

    private sealed record Refusal(ApiError Error, long At);
}
