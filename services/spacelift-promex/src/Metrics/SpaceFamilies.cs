using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>What the listing of stacks says of each space.</summary>
internal static class SpaceFamilies
{
    /// <summary>Labels of a space.</summary>
    public static readonly LabelSchema SpaceLabels = new("space");

    /// <summary>Labels of a state within a space.</summary>
    public static readonly LabelSchema StateLabels = new("space", "state");

    public static readonly MetricFamily Stacks = new("spacelift_space_stacks", "The number of stacks of a space by state", MetricType.Gauge, StateLabels);
    public static readonly MetricFamily Locked = new("spacelift_space_stacks_locked", "The number of stacks of a space that are locked", MetricType.Gauge, SpaceLabels);
    public static readonly MetricFamily Unconfirmed = new("spacelift_space_runs_unconfirmed", "The number of stacks of a space whose run waits for confirmation", MetricType.Gauge, SpaceLabels);
    public static readonly MetricFamily OldestUnconfirmed = new("spacelift_space_oldest_unconfirmed_run_age_seconds", "How long the run of a space that has waited longest for confirmation has done so", MetricType.Gauge, SpaceLabels);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricFamily> All = [Stacks, Locked, Unconfirmed, OldestUnconfirmed];
}
