using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>Writes how each collector does.</summary>
internal sealed class HealthCollector(Account account, ScrapeRefresh refresh, CallBudget budget, TimeProvider time) : ICollector
{
    private readonly (ICollectorState State, LabelSet Labels)[] _states =
    [
        .. account.ForScrape.Select(query => query.State).Append(account.Stacks.Slot).Append(account.Drift.Slot)
            .Select(state => (state, HealthFamilies.CollectorLabels.WithValues(state.Name))),
    ];

    /// <inheritdoc/>
    public string Name => "health";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => HealthFamilies.All;

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        writer.Write(HealthFamilies.Up, refresh.IsUp ? 1 : 0);
        if (refresh.Took is { } took)
        {
            writer.Write(HealthFamilies.Duration, took.TotalSeconds);
            writer.Write(HealthFamilies.DurationSeconds, took.TotalSeconds);
        }
        writer.Write(HealthFamilies.Stuck, refresh.Stuck);
        if (budget.Left is { } left) writer.Write(HealthFamilies.BudgetLeft, left);
        foreach (var (state, labels) in _states)
        {
            if (!state.HasRun) continue;
            writer.Write(HealthFamilies.Success, labels, state.Error is null ? 1 : 0);
            writer.Write(HealthFamilies.Supported, labels, state.IsSupported ? 1 : 0);
            writer.Write(HealthFamilies.CollectorDuration, labels, state.Took.TotalSeconds);
            if (state.LastSuccess is { } success) writer.Write(HealthFamilies.LastSuccess, labels, success.ToUnixTimeMilliseconds() / 1000.0);
        }
        Write(writer, account.Stacks.Slot);
        Write(writer, account.Drift.Slot);
    }

    private void Write<T>(MetricWriter writer, Slot<Listing<T>> slot)
    {
        if (slot.Value is not { } listing) return;
        LabelSet labels = _states.Single(entry => entry.State == slot).Labels;
        writer.Write(HealthFamilies.Age, labels, Math.Max(0, (time.GetUtcNow() - listing.ReadAt).TotalSeconds));
        writer.Write(HealthFamilies.Truncated, labels, listing.IsTruncated ? 1 : 0);
        writer.Write(HealthFamilies.Items, labels, listing.Count);
    }
}
