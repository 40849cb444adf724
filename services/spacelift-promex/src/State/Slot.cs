using CiMetrics.Spacelift.Api;

namespace CiMetrics.Spacelift.State;

/// <summary>The latest reading of one collector. Readers see whole readings.</summary>
/// <param name="name">The collector's name.</param>
/// <param name="keepsLastGood">Whether an error leaves the value from before in place; its age is shown.</param>
internal sealed class Slot<T>(string name, bool keepsLastGood) : ICollectorState
    where T : class
{
    private readonly Lock _lock = new();
    private Reading<T>? _latest;

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>What was read last; null before the first time.</summary>
    public Reading<T>? Latest => Volatile.Read(ref _latest);

    /// <summary>What is known.</summary>
    public T? Value => Latest?.Value;

    /// <inheritdoc/>
    public bool HasRun => Latest is not null;

    /// <inheritdoc/>
    public ApiError? Error => Latest?.Error;

    /// <inheritdoc/>
    public bool IsSupported => Latest is not { Error.Kind: ErrorKind.Unsupported or ErrorKind.Unauthorized, Value: null };

    /// <inheritdoc/>
    public TimeSpan Took => Latest?.Took ?? TimeSpan.Zero;

    /// <inheritdoc/>
    public DateTimeOffset? LastSuccess => Latest?.LastSuccess;

    /// <summary>Takes what the next time gave.</summary>
    public void Take(ApiResult<T> result, TimeSpan took, DateTimeOffset now)
    {
        lock (_lock)
        {
            Reading<T>? before = Latest;
            // What is not there for this key any more is not shown either.
            bool isGone = result.Error?.Kind == ErrorKind.Unsupported;
            T? value = result.Value ?? (keepsLastGood && !isGone ? before?.Value : null);
            Volatile.Write(ref _latest, new Reading<T>(value, result.Error, took, result.Error is null ? now : before?.LastSuccess));
        }
    }
}
