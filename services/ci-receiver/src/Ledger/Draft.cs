using CiMetrics.Receiver.Events;

namespace CiMetrics.Receiver.Ledger;

/// <summary>
/// What was decided and is not durable yet: the events of one batch see each other through it, and the ledger does not
/// change until the batch is stored.
/// </summary>
internal sealed class Draft
{
    /// <summary>Keys that the batch will remember.</summary>
    public HashSet<EventKey> Keys { get; } = [];

    /// <summary>Names that the batch brings, with the name each was made of.</summary>
    public Dictionary<string, string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Projects that the batch brings.</summary>
    public HashSet<string> Projects { get; } = new(StringComparer.Ordinal);

    /// <summary>Counters that the batch brings.</summary>
    public HashSet<SeriesKey> Series { get; } = [];

    /// <summary>Forgets everything, for the next batch.</summary>
    public void Clear()
    {
        Keys.Clear();
        Names.Clear();
        Projects.Clear();
        Series.Clear();
    }
}
