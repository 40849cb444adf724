using CiMetrics.Exposition;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Metrics;

/// <summary>Writes how full the ledger is.</summary>
internal sealed class LedgerCollector(Func<LedgerFigures> read, LedgerLimits limits, TimeProvider time) : ICollector
{
    public string Name => "ledger";

    public IReadOnlyList<MetricFamily> Families => LedgerFamilies.All;

    public void Collect(MetricWriter writer)
    {
        LedgerFigures figures = read();
        writer.Write(LedgerFamilies.Names, figures.Names);
        writer.Write(LedgerFamilies.NamesLimit, limits.Names);
        writer.Write(LedgerFamilies.Projects, figures.Projects);
        writer.Write(LedgerFamilies.ProjectsLimit, limits.Projects);
        writer.Write(LedgerFamilies.Series, figures.Counters);
        writer.Write(LedgerFamilies.SeriesLimit, limits.Series);
        writer.Write(LedgerFamilies.Collisions, figures.CollidingNames);
        writer.Write(LedgerFamilies.Keys, figures.Keys);
        writer.Write(LedgerFamilies.KeysLimit, limits.Keys);
        writer.Write(LedgerFamilies.Horizon, Horizon(figures.KeysForgottenTo));
    }

    // Keys go when they are old, or before that when there are too many: then the newest that went is the limit.
    private double Horizon(long forgottenTo) =>
        Math.Min(limits.KeyRetention.TotalSeconds, Math.Max(0, (time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(forgottenTo)).TotalSeconds));
}
