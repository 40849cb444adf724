using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CiMetrics.Sidecar.Spooling;

namespace CiMetrics.Sidecar.Delivery;

/// <summary>Sends one event once, and tells how it went as a value.</summary>
internal sealed class Sender : IDisposable
{
    private const int LongestAnswer = 16 << 10;

    private readonly HttpClient _client;
    private readonly Uri _receiver;
    private readonly Func<string?> _token;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;

    /// <summary>Makes a sender; it does not connect yet.</summary>
    /// <param name="receiver">The receiver's <c>/steps</c>.</param>
    /// <param name="token">The bearer token, if any.</param>
    /// <param name="patience">How long an attempt may take.</param>
    /// <param name="time">The clock.</param>
    public Sender(Uri receiver, Func<string?> token, TimeSpan patience, TimeProvider time)
    {
        _receiver = receiver;
        _token = token;
        _time = time;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            ConnectTimeout = patience,
            // A receiver that moved is found by its name again.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
        };
        // The limit covers the whole attempt, the answer's body included.
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _patience = patience;
    }

    /// <summary>Sends the event under its key.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<SendOutcome> SendAsync(SpooledEvent spooled, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _receiver)
        {
            Content = new ByteArrayContent(spooled.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        // The body has it as well, where it is one that no header can carry as it is.
        if (spooled.Key.All(c => c is > ' ' and < '\x7f' and not '"')) request.Headers.TryAddWithoutValidation("Idempotency-Key", spooled.Key);
        if (_token() is { Length: > 0 } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using CancellationTokenSource late = new(_patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(response, await ReadAsync(response, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SendOutcome(SendResult.Unreachable, "no answer in time");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new SendOutcome(SendResult.Unreachable, exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // Of a longer answer, a proxy's page perhaps, the beginning is enough: the status decides.
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = new byte[LongestAnswer];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }

    private SendOutcome Judge(HttpResponseMessage response, byte[] body)
    {
        string reason = $"{(int)response.StatusCode} {Shown(body)}".TrimEnd();
        return response.StatusCode switch
        {
            >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => Success(body, reason),
            HttpStatusCode.TooManyRequests => new(SendResult.Throttled, reason, Wait(response)),
            // A redirection is a wrong address, which somebody will put right.
            < HttpStatusCode.BadRequest or HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError => new(SendResult.Unavailable, reason, Wait(response)),
            _ => new(SendResult.Rejected, reason),
        };
    }

    private TimeSpan? Wait(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    private static SendOutcome Success(byte[] body, string reason)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement answer = document.RootElement;
            if (answer.ValueKind != JsonValueKind.Object) return new(SendResult.Counted, reason);
            bool isDuplicate = answer.TryGetProperty("result"u8, out JsonElement result)
                && result.ValueKind == JsonValueKind.String && result.ValueEquals("duplicate"u8);
            bool hasWarnings = answer.TryGetProperty("warnings"u8, out JsonElement warnings)
                && warnings.ValueKind == JsonValueKind.Array && warnings.GetArrayLength() > 0;
            return new(isDuplicate ? SendResult.Duplicate : SendResult.Counted, reason, HasWarnings: hasWarnings);
        }
        catch (JsonException)
        {
            // A proxy's own words: 2xx all the same.
            return new(SendResult.Counted, reason);
        }
    }

    private static string Shown(byte[] body)
    {
        string text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)));
        return string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
    }
}
