using System.Net;
using System.Security.Cryptography;
using System.Text;

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
/// remembered (as a keyed hash, never in clear), and wrong ones are limited per client.
/// </summary>
internal sealed class PasswordChecker(IReadOnlyDictionary<string, IPassword> users, TimeProvider time) : IDisposable
{
    private const int MostRemembered = 256;
    private const int MostWaiting = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly HashSet<string> _right = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = new();
    private readonly FailureLimiter _limiter = new(time);
    private readonly SemaphoreSlim _one = new(1);
    private int _waiting;

    /// <summary>True when there is a user who could be let in.</summary>
    public bool HasUsers => users.Count > 0;

    /// <summary>Checks one pair.</summary>
    public async ValueTask<PasswordResult> CheckAsync(
        IPAddress? client, string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        var known = Fingerprint(user, password.Span);
        if (IsRemembered(known))
            return PasswordResult.Right;
        if (!_limiter.TryTake(client))
            return PasswordResult.TooMany;
        if (await MatchesAsync(user, password, cancellationToken) is not { } matches)
        {
            _limiter.GiveBack(client);
            return PasswordResult.TooMany;
        }
        if (!matches)
            return PasswordResult.Wrong;
        _limiter.GiveBack(client);
        Remember(known);
        return PasswordResult.Right;
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<bool?> MatchesAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
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
                // An unknown user costs the same time as a known one, so that names cannot be told by it.
                var isKnown = users.TryGetValue(user, out var held);
                held ??= users.Values.First();
                return await Task.Run(() => held.Matches(password.Span), CancellationToken.None) && isKnown;
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

    private string Fingerprint(string user, ReadOnlySpan<byte> password)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        // A user name holds no colon: the pair is unambiguous.
        hash.AppendData(Encoding.UTF8.GetBytes(user + ":"));
        hash.AppendData(password);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private bool IsRemembered(string fingerprint)
    {
        lock (_right)
            return _right.Contains(fingerprint);
    }

    private void Remember(string fingerprint)
    {
        lock (_right)
        {
            if (!_right.Add(fingerprint))
                return;
            _oldest.Enqueue(fingerprint);
            if (_oldest.Count > MostRemembered)
                _right.Remove(_oldest.Dequeue());
        }
    }
}
