using CiMetrics.Exposition;
using CiMetrics.Spacelift.Metrics;

namespace CiMetrics.Spacelift.State;

/// <summary>What the listing says of the stacks of one space.</summary>
/// <param name="Labels">The labels of its series.</param>
/// <param name="States">Stacks by state.</param>
/// <param name="Locked">Stacks that somebody locked.</param>
/// <param name="Unconfirmed">Stacks with a run that waits for confirmation.</param>
/// <param name="OldestUnconfirmed">Since when the oldest of these waits; null where none does.</param>
internal sealed record SpaceRow(LabelSet Labels, IReadOnlyList<StackRow> States, int Locked, int Unconfirmed, DateTimeOffset? OldestUnconfirmed)
{
    private const string WaitsForConfirmation = "UNCONFIRMED";

    /// <summary>The spaces of the stacks, in the order of the listing.</summary>
    public static List<SpaceRow> Of(IEnumerable<KnownStack> stacks) =>
        [.. stacks.GroupBy(stack => stack.Space, StringComparer.Ordinal).Select(group => Of(group.Key, [.. group]))];

    private static SpaceRow Of(string space, IReadOnlyList<KnownStack> stacks)
    {
        KnownStack[] waiting = [.. stacks.Where(stack => stack.State == WaitsForConfirmation)];
        return new SpaceRow(
            SpaceFamilies.SpaceLabels.WithValues(space),
            [.. stacks.GroupBy(stack => stack.State, StringComparer.Ordinal).Select(group => new StackRow(SpaceFamilies.StateLabels.WithValues(space, group.Key), group.Count()))],
            stacks.Count(stack => stack.IsLocked),
            waiting.Length,
            waiting.Min(stack => stack.StateSetAt) is { } second ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(second, 0, 253_402_300_799)) : null);
    }
}
