using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Spacelift.Api;

/// <summary>
/// Exchanges the API key for a token, one exchange at a time, and no more often than needed: each may be billed as a user.
/// </summary>
internal sealed partial class Session : IDisposable
{
    private static readonly Operation<LoginData> Login = new("login", ApiJson.Default.LoginData);
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(30);
    // A key that was refused is not shown again at once.
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(10);

    private readonly ResilientPost _post;
    private readonly string _keyId;
    private readonly SecretSource _secret;
    private readonly ApiCounts _counts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Token? _token;
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

    /// <summary>The texts that must not be shown.</summary>
    public string Redact(string text) => Words.Shown(text, _secret.Last, _token?.Text);

    /// <summary>A token that is valid for a while.</summary>
    /// <param name="rejected">A token that Spacelift did not accept: another one is needed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ApiResult<string>> TokenAsync(string? rejected, CancellationToken cancellationToken)
    {
        long asked = _time.GetTimestamp();
        if (Current(rejected) is { } current) return new ApiResult<string>(current, null);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Current(rejected) is { } meanwhile) return new ApiResult<string>(meanwhile, null);
            // Who waited for an exchange that failed takes its failure, too.
            if (_refusal is { } refusal && (refusal.At >= asked || (refusal.IsFinal && _time.GetElapsedTime(refusal.At) < AfterRefusal)))
                return new ApiResult<string>(null, refusal.Error);
            ApiResult<string> result = await ExchangeAsync(cancellationToken);
            _refusal = result.Error is null ? null : new Refusal(result.Error, _time.GetTimestamp());
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private string? Current(string? rejected) =>
        Volatile.Read(ref _token) is { } token && token.Text != rejected && _time.GetUtcNow() < token.RenewAt ? token.Text : null;

    private async Task<ApiResult<string>> ExchangeAsync(CancellationToken cancellationToken)
    {
        string? secret = _secret.Read(out string? problem);
        if (problem is not null) LogSecret(problem);
        if (secret is null) return Failed(new ApiError(ErrorKind.Login, problem ?? "there is no secret"));
        ReadOnlyMemory<byte> body = GraphQl.Request(Login.Document, variables => Write(variables, secret));
        Exchange exchange = await _post.SendAsync(Login.Name, body, token: null, cancellationToken);
        if (exchange.Body is null) return Failed(exchange.Error!);
        ApiResult<LoginData> answer = GraphQl.Read(exchange.Body, Login);
        if (answer.Value?.ApiKeyUser is not { } user)
            return Failed(answer.Error ?? new ApiError(ErrorKind.Login, "Spacelift does not know this API key or its secret"));
        // A clock that goes wrong must not make every query log in.
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(user.ValidUntil, 0, 253_402_300_799)) - Ahead;
        Volatile.Write(ref _token, new Token(user.Jwt, end > now + Ahead ? end : now + Ahead));
        _counts.Logins.WithLabels("success").Inc();
        LogLoggedIn(user.ValidUntil);
        return new ApiResult<string>(user.Jwt, null);
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

    private sealed record Token(string Text, DateTimeOffset RenewAt);

    private sealed record Refusal(ApiError Error, long At)
    {
        public bool IsFinal => Error.Kind == ErrorKind.Login;
    }
}
