using CiMetrics.Exposition;

namespace CiMetrics.Receiver.Storage;

/// <summary>How the store does, for metrics and readiness. Written by the store, read by any thread.</summary>
/// <param name="commits">Gets the time of each commit.</param>
/// <param name="failures">Counts the commits that failed.</param>
/// <param name="changed">Told when storing begins to fail, with the reason, and when it succeeds again, with null.</param>
internal sealed class StoreTally(Histogram commits, Counter failures, Action<string?> changed)
{
    private volatile bool _up = true;
    private long _journalBytes;

    /// <summary>Whether the last attempt to store something succeeded.</summary>
    public bool IsUp => _up;

    /// <summary>Bytes of the journal that no snapshot holds.</summary>
    public long JournalBytes
    {
        get => Interlocked.Read(ref _journalBytes);
        set => Interlocked.Exchange(ref _journalBytes, value);
    }

    /// <summary>Nothing can be stored yet.</summary>
    public void Hinder(string reason)
    {
        _up = false;
        changed(reason);
    }

    /// <summary>The store works, although nothing was stored.</summary>
    public void Recovered()
    {
        if (_up) return;
        _up = true;
        changed(null);
    }

    /// <summary>Something was made durable.</summary>
    public void Committed(TimeSpan duration)
    {
        commits.Observe(duration.TotalSeconds);
        Recovered();
    }

    /// <summary>Something could not be made durable.</summary>
    public void Failed(string reason)
    {
        failures.Inc();
        if (!_up) return;
        _up = false;
        changed(reason);
    }
}
