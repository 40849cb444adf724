using CiMetrics.Exposition;
using CiMetrics.Receiver.Storage;

namespace CiMetrics.Receiver.Metrics;

/// <summary>Tells how this process's store does.</summary>
/// <param name="store">The store.</param>
/// <param name="hasJournal">Whether it writes a journal.</param>
internal sealed class StoreCollector(StoreTally store, bool hasJournal) : ICollector
{
    public static readonly MetricFamily Up = new("receiver_store_up", "Whether events can be stored (1) or not (0)", MetricType.Gauge);

    public static readonly MetricFamily JournalBytes = new("receiver_journal_bytes", "Bytes of the journal that no snapshot holds yet", MetricType.Gauge);

    public string Name => "store";

    public IReadOnlyList<MetricFamily> Families => hasJournal ? [Up, JournalBytes] : [Up];

    public void Collect(MetricWriter writer)
    {
        writer.Write(Up, store.IsUp ? 1 : 0);
        if (hasJournal) writer.Write(JournalBytes, store.JournalBytes);
    }
}
