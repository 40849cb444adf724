using CiMetrics.Exposition;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Metrics;

/// <summary>Writes what is known of each space, where stacks can be listed.</summary>
internal sealed class SpaceCollector(Func<StackView> view, TimeProvider time) : ICollector
{
    /// <inheritdoc/>
    public string Name => "spaces";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => SpaceFamilies.All;

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (SpaceRow space in view().Spaces)
        {
            foreach (StackRow state in space.States) writer.Write(SpaceFamilies.Stacks, state.Labels, state.Value);
            writer.Write(SpaceFamilies.Locked, space.Labels, space.Locked);
            writer.Write(SpaceFamilies.Unconfirmed, space.Labels, space.Unconfirmed);
            if (space.OldestUnconfirmed is { } since) writer.Write(SpaceFamilies.OldestUnconfirmed, space.Labels, Math.Max(0, (now - since).TotalSeconds));
        }
    }
}
