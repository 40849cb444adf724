using System.Net;
using System.Net.Sockets;

namespace CiMetrics.Hosting;

/// <summary>
/// Slows down the guessing of passwords: an address may try a few at once, then one a second. Bounded: past
/// <see cref="MostAddresses"/> the further ones share an allowance.
/// </summary>
internal sealed class FailureLimiter(TimeProvider time)
{
    /// <summary>The tries that an address has at once.</summary>
    public const int Burst = 10;

    /// <summary>The addresses that are told apart.</summary>
    public const int MostAddresses = 1024;

    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(1);

    // The moment at which an address has all of its tries again: each try moves it by one refill.
    private readonly Dictionary<IPAddress, DateTimeOffset> _whole = [];
    private readonly Lock _lock = new();

    /// <summary>Takes one try; false when there is none left.</summary>
    public bool TryTake(IPAddress? client)
    {
        var key = Key(client);
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (!_whole.ContainsKey(key) && _whole.Count >= MostAddresses)
                Forget(now);
            if (!_whole.ContainsKey(key) && _whole.Count >= MostAddresses)
                key = IPAddress.None;
            var next = Max(_whole.GetValueOrDefault(key), now) + Refill;
            if (next - now > Burst * Refill)
                return false;
            _whole[key] = next;
            return true;
        }
    }

    /// <summary>Gives a try back: it was a right password.</summary>
    public void GiveBack(IPAddress? client)
    {
        lock (_lock)
        {
            var key = Key(client);
            if (_whole.TryGetValue(key, out var whole))
                _whole[key] = whole - Refill;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, whole) in _whole)
        {
            if (whole <= now)
                _whole.Remove(key);
        }
    }

    // One owner usually has a whole /64 of IPv6.
    private static IPAddress Key(IPAddress? client) =>
        client is null ? IPAddress.None
        : client.AddressFamily == AddressFamily.InterNetworkV6 ? AddressRange.Masked(client, 64)
        : client;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
