using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>
/// Writes stacks by state and resources by drift: per stack where they can be listed, else the account's aggregates
/// with empty labels. Never both, which would count twice.
/// </summary>
internal sealed class StackCollector(Func<StackView> view, Account account) : ICollector
{
    /// <inheritdoc/>
    public string Name => "stacks";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => StackFamilies.All;

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        StackView now = view();
        AccountMetrics? aggregates = account.Metrics.Slot.Value?.Metrics;
        Write(writer, StackFamilies.ByState, now.Stacks, now.AreStacksAwaited ? null : aggregates?.StacksCountByState);
        Write(writer, StackFamilies.ByDrift, now.Drift, now.IsDriftAwaited ? null : aggregates?.ResourcesCountByDrift);
    }

    private static void Write(MetricWriter writer, MetricFamily family, IReadOnlyList<StackRow>? rows, IReadOnlyList<DataPoint>? aggregates)
    {
        if (rows is null)
        {
            foreach (IGrouping<string, DataPoint> group in (aggregates ?? []).Where(point => point.Labels is [_, ..]).GroupBy(point => Words.Label(point.Labels![0]), StringComparer.Ordinal))
                writer.Write(family, StackFamilies.Labels.WithValues("", "", group.Key), group.Sum(point => point.Value));
            return;
        }
        for (int i = 0; i < rows.Count; i++) writer.Write(family, rows[i].Labels, rows[i].Value);
    }
}
