using System.Security.Cryptography;
using System.Text;

namespace CiMetrics.Hosting;

/// <summary>
/// Users and their passwords. What was right is remembered as a keyed hash, never in clear; another set of users begins
/// without that memory.
/// </summary>
internal sealed class UserSet(IReadOnlyDictionary<string, IPassword> users)
{
    private const int MostRemembered = 256;

    // Not before somebody shows a password: loading OpenSSL costs a service that guards nothing four megabytes.
    private readonly Lazy<byte[]> _key = new(() => RandomNumberGenerator.GetBytes(32));
    private readonly HashSet<string> _right = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = new();

    /// <summary>True when there is nobody who could be let in.</summary>
    public bool IsEmpty => users.Count == 0;

    /// <summary>True for a pair that was right before.</summary>
    public bool Remembers(string user, ReadOnlySpan<byte> password)
    {
        var fingerprint = Fingerprint(user, password);
        lock (_right)
            return _right.Contains(fingerprint);
    }

    /// <summary>Computes whether a pair is right, which takes long, and remembers it if so.</summary>
    public bool Matches(string user, ReadOnlySpan<byte> password)
    {
        // An unknown user costs the same time as a known one, so that names cannot be told by it.
        var isKnown = users.TryGetValue(user, out var held);
        held ??= users.Values.First();
        if (!held.Matches(password) || !isKnown)
            return false;
        Remember(Fingerprint(user, password));
        return true;
    }

    private string Fingerprint(string user, ReadOnlySpan<byte> password)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key.Value);
        // A user name holds no colon: the pair is unambiguous.
        hash.AppendData(Encoding.UTF8.GetBytes(user + ":"));
        hash.AppendData(password);
        return Convert.ToBase64String(hash.GetHashAndReset());
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
