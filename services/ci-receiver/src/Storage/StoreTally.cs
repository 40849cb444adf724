using CiMetrics.Exposition;

namespace CiMetrics.Receiver.Storage;

/// <summary>How the store does, for metrics and readiness. Written by the store, read by any thread.</summary>
internal sealed class StoreTally(Histogram commits, Counter failures)
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

    /// <summary>Something was made durable.</summary>
    public void Committed(TimeSpan duration)
    {
        commits.Observe(duration.TotalSeconds);
        _up = true;
    }

    /// <summary>Something could not be made durable.</summary>
    public void Failed()
    {
        failures.Inc();
        _up = false;
    }
}
