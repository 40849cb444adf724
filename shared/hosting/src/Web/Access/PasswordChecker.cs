using System.Net;

namespace CiMetrics.Hosting;

/// <summary>What came of checking a password.</summary>
internal enum PasswordResult
{
    Right,
    Wrong,

    /// <summary>Not checked: the client tried too often, or too many checks are waiting.</summary>
    TooMany,
}

/// <summary>
/// Checks user names and passwords. Hashes are slow on purpose: they are computed one at a time, what was right is
/// remembered, and wrong ones are limited per client, also over a change of the users.
/// </summary>
internal sealed class PasswordChecker(TimeProvider time) : IDisposable
{
    private const int MostWaiting = 16;

    private readonly FailureLimiter _limiter = new(time);
    private readonly SemaphoreSlim _one = new(1);
    private int _waiting;

    /// <summary>Checks one pair against the users.</summary>
    public async ValueTask<PasswordResult> CheckAsync(
        UserSet users, IPAddress? client, string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        if (users.Remembers(user, password.Span))
            return PasswordResult.Right;
        if (!_limiter.TryTake(client))
            return PasswordResult.TooMany;
        var matches = await MatchesAsync(users, user, password, cancellationToken);
        if (matches == false)
            return PasswordResult.Wrong;
        _limiter.GiveBack(client);
        return matches is null ? PasswordResult.TooMany : PasswordResult.Right;
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<bool?> MatchesAsync(
        UserSet users, string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }
        try
        {
            await _one.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(() => users.Matches(user, password.Span), CancellationToken.None);
            }
            finally
            {
                _one.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
