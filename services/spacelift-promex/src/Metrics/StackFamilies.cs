using CiMetrics.Exposition;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>The metrics that tell stacks apart, where the key may list them.</summary>
internal static class StackFamilies
{
    /// <summary>In the order in which the users' document shows them.</summary>
    public static readonly LabelSchema Labels = new("space", "stack", "state");

    public static readonly MetricFamily ByState = new("spacelift_current_stacks_count_by_state", "The number of stacks grouped by state", MetricType.Gauge, Labels);
    public static readonly MetricFamily ByDrift = new("spacelift_current_resources_count_by_drift", "The number of resources by drift", MetricType.Gauge, Labels);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricFamily> All = [ByState, ByDrift];
}
