using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace CiMetrics.Spacelift.Api;

/// <summary>
/// Sends a body until it is answered or it makes no sense to try again: retries with jitter, waits as long as the server
/// asks, stops calling while nothing but failures comes back, and stays within the calls of an hour.
/// </summary>
internal sealed class ResilientPost
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    // A scrape does not wait longer for one more attempt; the next one does.
    private static readonly TimeSpan LongestWaitInCall = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(10);

    private readonly HttpPost _post;
    private readonly CallBudget _budget;
    private readonly ApiCounts _counts;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<Exchange> _pipeline;
    private long _quietUntil;

    /// <summary>Makes it.</summary>
    public ResilientPost(HttpPost post, CallBudget budget, ApiCounts counts, TimeProvider time)
    {
        _post = post;
        _budget = budget;
        _counts = counts;
        _time = time;
        _pipeline = new ResiliencePipelineBuilder<Exchange> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Exchange>
            {
                ShouldHandle = arguments => new(arguments.Outcome.Result is { IsTransient: true } exchange && !(exchange.RetryAfter > LongestWaitInCall)),
                MaxRetryAttempts = 2,
                Delay = FirstDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                DelayGenerator = arguments => new(arguments.Outcome.Result?.RetryAfter is { } wait && wait > TimeSpan.Zero ? wait : (TimeSpan?)null),
                OnRetry = _ =>
                {
                    counts.Retries.Inc();
                    return default;
                },
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Exchange>
            {
                ShouldHandle = arguments => new(arguments.Outcome.Result is { IsTransient: true }),
                FailureRatio = 0.9,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = Break,
            })
            .Build();
    }

    /// <summary>Sends JSON.</summary>
    /// <param name="operation">What the call is for, in metrics.</param>
    /// <param name="body">The JSON.</param>
    /// <param name="token">The bearer token, if there is one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Exchange> SendAsync(string operation, ReadOnlyMemory<byte> body, string? token, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                async (call, cancel) => await call.Self.OnceAsync(call.operation, call.body, call.token, cancel),
                (Self: this, operation, body, token),
                cancellationToken);
        }
        catch (BrokenCircuitException)
        {
            return new Exchange(null, new ApiError(ErrorKind.Circuit, $"not asked: the calls before failed; tried again within {Break.TotalSeconds}s"));
        }
    }

    private async ValueTask<Exchange> OnceAsync(string operation, ReadOnlyMemory<byte> body, string? token, CancellationToken cancellationToken)
    {
        DateTimeOffset until = new(Volatile.Read(ref _quietUntil), TimeSpan.Zero);
        // A time and not what is left of it: the same trouble has the same words, and is logged once.
        if (until > _time.GetUtcNow())
            return new Exchange(null, new ApiError(ErrorKind.Throttled, $"not asked: Spacelift wants no calls before {until:yyyy-MM-dd'T'HH:mm:ss'Z'}"));
        if (!_budget.TryTake())
            return new Exchange(null, new ApiError(ErrorKind.Budget, "not asked: the calls of this hour are used up (--max-calls-per-hour)"));
        _counts.Call(operation);
        Exchange exchange = await _post.SendAsync(body, token, cancellationToken);
        if (exchange.RetryAfter > LongestWaitInCall) KeepQuiet(exchange.RetryAfter.Value);
        return exchange;
    }

    // Of several answers to calls at the same time the one that asks for most holds.
    private void KeepQuiet(TimeSpan wait)
    {
        long until = (_time.GetUtcNow() + (wait < LongestRetryAfter ? wait : LongestRetryAfter)).UtcTicks;
        long before = Volatile.Read(ref _quietUntil);
        while (until > before)
        {
            long now = Interlocked.CompareExchange(ref _quietUntil, until, before);
            if (now == before) return;
            before = now;
        }
    }
}
