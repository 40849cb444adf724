using CiMetrics.Sidecar.Spooling;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace CiMetrics.Sidecar.Delivery;

/// <summary>
/// Sends what is in the spool, oldest first, until the receiver has it. After a failed attempt the next one waits longer
/// and longer, and another event has its turn, so that one that makes the receiver fail does not hold up the rest.
/// </summary>
internal sealed partial class DeliveryLoop
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(10);

    private readonly Spool _spool;
    private readonly Sender _sender;
    private readonly TimeSpan _giveUpAfter;
    private readonly DeliveryCounts _counts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline<SendOutcome?> _patient;
    private readonly ResiliencePipeline<SendOutcome?> _hasty;

    /// <summary>Makes the loop.</summary>
    /// <param name="spool">What is to be sent.</param>
    /// <param name="sender">Sends it.</param>
    /// <param name="giveUpAfter">The age at which an event is put aside; zero: never.</param>
    /// <param name="counts">What is counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public DeliveryLoop(Spool spool, Sender sender, TimeSpan giveUpAfter, DeliveryCounts counts, TimeProvider time, ILogger logger)
    {
        _spool = spool;
        _sender = sender;
        _giveUpAfter = giveUpAfter;
        _counts = counts;
        _time = time;
        _logger = logger;
        _patient = Pipeline(LongestDelay, obeysRetryAfter: true);
        // Told to stop, with seconds left: the receiver's wishes come second to the events.
        _hasty = Pipeline(2 * FirstDelay, obeysRetryAfter: false);
    }

    /// <summary>The events that the receiver has.</summary>
    public int Delivered { get; private set; }

    /// <summary>The events that the receiver will not get: refused or given up.</summary>
    public int PutAside { get; private set; }

    /// <summary>Sends until it is told to stop; then sends what it can within the grace period.</summary>
    /// <param name="intakeEnded">Completes once nothing more comes into the spool.</param>
    /// <param name="grace">How long to go on after the token is cancelled.</param>
    /// <param name="stopping">Ends the wait for more.</param>
    public async Task RunAsync(Task intakeEnded, TimeSpan grace, CancellationToken stopping)
    {
        // An attempt that is under way when the signal comes is not broken off: the receiver may have counted it just now.
        using CancellationTokenSource deadline = new(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration atSignal = stopping.Register(() => deadline.CancelAfter(grace));
        try
        {
            await SendAllAsync(_patient, stopping, deadline.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left is sent below.
        }
        await FlushAsync(_hasty, intakeEnded, deadline.Token);
        await intakeEnded;
        if (_spool.Count > 0) LogLeft(_spool.Count, _spool.PathOf("events"));
    }

    /// <summary>Sends until the spool is empty and nothing more comes into it.</summary>
    /// <param name="intakeEnded">Completes once nothing more comes.</param>
    /// <param name="stopping">Ends it before that.</param>
    public Task DrainAsync(Task intakeEnded, CancellationToken stopping) => FlushAsync(_patient, intakeEnded, stopping);

    private async Task FlushAsync(ResiliencePipeline<SendOutcome?> pipeline, Task intakeEnded, CancellationToken deadline)
    {
        try
        {
            while (true)
            {
                // In this order: what came before the end is in the spool.
                bool isLast = intakeEnded.IsCompleted;
                if (_spool.Count > 0) await pipeline.ExecuteAsync(_ => AttemptAsync(deadline), deadline);
                else if (isLast) return;
                else await Task.WhenAny(intakeEnded, _spool.WaitAsync()).WaitAsync(deadline);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // The spool keeps the rest.
        }
    }

    private async Task SendAllAsync(ResiliencePipeline<SendOutcome?> pipeline, CancellationToken stopping, CancellationToken deadline)
    {
        while (true)
        {
            await _spool.WaitAsync().WaitAsync(stopping);
            await pipeline.ExecuteAsync(_ => AttemptAsync(deadline), stopping);
        }
    }

    private async ValueTask<SendOutcome?> AttemptAsync(CancellationToken cancellationToken)
    {
        if (_spool.Peek() is not { } spooled) return null;
        SendOutcome outcome = await _sender.SendAsync(spooled, cancellationToken);
        try
        {
            return Settle(spooled, outcome) ? null : outcome;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Done with for this process. After a restart it is sent again, under its key.
            LogStays(spooled.Key, exception.Message);
            return null;
        }
    }

    // False where it is to be sent again.
    private bool Settle(SpooledEvent spooled, SendOutcome outcome)
    {
        TimeSpan age = _time.GetUtcNow() - spooled.Since;
        if (outcome.Kind is SendResult.Counted or SendResult.Duplicate)
        {
            _spool.Remove(spooled);
            Delivered++;
            _counts.Delivered(outcome.Kind == SendResult.Duplicate, _time.GetUtcNow());
            if (outcome.HasWarnings) LogWarned(spooled.Key, outcome.Reason);
            else LogDelivered(spooled.Key, outcome.Reason);
        }
        else if (outcome.Kind == SendResult.Rejected)
        {
            _spool.PutAside(spooled, outcome.Reason);
            PutAside++;
            _counts.PutAside(isRejected: true);
            LogRejected(spooled.Key, outcome.Reason);
        }
        else if (_giveUpAfter > TimeSpan.Zero && age > _giveUpAfter)
        {
            _spool.PutAside(spooled, $"given up after {age}: {outcome.Reason}");
            PutAside++;
            _counts.PutAside(isRejected: false);
            LogGivenUp(spooled.Key, age, outcome.Reason);
        }
        else
        {
            _spool.MoveToEnd(spooled);
            _counts.Retried(outcome.Kind);
            return false;
        }
        return true;
    }

    private ResiliencePipeline<SendOutcome?> Pipeline(TimeSpan longestDelay, bool obeysRetryAfter) =>
        new ResiliencePipelineBuilder<SendOutcome?> { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions<SendOutcome?>
            {
                ShouldHandle = attempt => new(attempt.Outcome.Result is { Kind: SendResult.Unreachable or SendResult.Unavailable or SendResult.Throttled }),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = longestDelay,
                DelayGenerator = attempt => new(obeysRetryAfter && attempt.Outcome.Result?.RetryAfter is { } wait && wait > TimeSpan.Zero
                    ? TimeSpan.FromTicks(Math.Min(wait.Ticks, LongestRetryAfter.Ticks))
                    : null),
                OnRetry = attempt =>
                {
                    LogRetry(attempt.AttemptNumber + 1, attempt.RetryDelay, attempt.Outcome.Result?.Reason ?? "", _spool.Count);
                    return default;
                },
            })
            .Build();

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivered an event")]
    private partial void LogDelivered(string key, string answer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivered an event, which the receiver counted with a warning")]
    private partial void LogWarned(string key, string answer);

    [LoggerMessage(Level = LogLevel.Error, Message = "The receiver refuses an event; it was put aside")]
    private partial void LogRejected(string key, string answer);

    [LoggerMessage(Level = LogLevel.Error, Message = "An event was given up and put aside")]
    private partial void LogGivenUp(string key, TimeSpan age, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "An event that is done with cannot be taken out of the spool")]
    private partial void LogStays(string key, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The receiver did not take an event; trying again")]
    private partial void LogRetry(int attempt, TimeSpan delay, string reason, int waiting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events are left in the spool; the next sidecar on it, or 'exporter drain', sends them")]
    private partial void LogLeft(int events, string folder);
}
