using CiMetrics.Exposition;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.Metrics;

namespace CiMetrics.Spacelift.State;

/// <summary>A series of the per-stack metrics.</summary>
internal readonly record struct StackRow(LabelSet Labels, double Value);

/// <summary>What the listings say, as series. Made when a listing was read; scrapes only write it.</summary>
/// <param name="Stacks">Stacks by state; null: use the aggregates, or nothing where <paramref name="AreStacksAwaited"/>.</param>
/// <param name="AreStacksAwaited">Whether the stacks can be listed, but were not yet.</param>
/// <param name="Drift">Resources by drift, as above.</param>
/// <param name="IsDriftAwaited">As above.</param>
/// <param name="Spaces">The spaces of the stacks; none where stacks are not known.</param>
internal sealed record StackView(
    IReadOnlyList<StackRow>? Stacks, bool AreStacksAwaited, IReadOnlyList<StackRow>? Drift, bool IsDriftAwaited, IReadOnlyList<SpaceRow> Spaces)
{
    private const string Ok = "OK";
    private const string Drifted = "DRIFTED";

    /// <summary>Before anything was listed.</summary>
    public static StackView Empty { get; } = new(null, true, null, true, []);

    /// <summary>Puts the listings together.</summary>
    /// <param name="stacks">The stacks.</param>
    /// <param name="drift">The managed resources.</param>
    /// <param name="shown">Which of them get series.</param>
    public static StackView Of(Slot<Listing<KnownStack>> stacks, Slot<Listing<EntityCount>> drift, ShownStacks shown)
    {
        IReadOnlyList<KnownStack>? known = stacks.Value?.Rows;
        bool areStacksAwaited = known is null && stacks.IsSupported;
        // Without the stacks nobody knows the spaces; they come, unless they cannot be listed at all.
        IReadOnlyList<EntityCount>? entities = areStacksAwaited ? null : drift.Value?.Rows;
        KnownStack[] chosen = known is null ? [] : [.. known.Where(shown.Has)];
        return new StackView(
            known is null ? null : Rows(chosen.Select(stack => new Counted(stack.Space, shown.WithStack ? stack.Name : "", stack.State, 1))),
            areStacksAwaited,
            entities is null ? null : Rows(Resources(entities, known ?? [], shown)),
            entities is null && (areStacksAwaited || drift.IsSupported),
            SpaceRow.Of(chosen));
    }

    private static IEnumerable<Counted> Resources(IEnumerable<EntityCount> entities, IReadOnlyList<KnownStack> stacks, ShownStacks shown)
    {
        Dictionary<string, KnownStack> byId = stacks.ToDictionary(stack => stack.Id, StringComparer.Ordinal);
        foreach (EntityCount entity in entities)
        {
            KnownStack? stack = byId.GetValueOrDefault(entity.StackId);
            string space = stack?.Space ?? "";
            string name = stack?.Name ?? entity.StackName;
            if (shown.Has(space, name)) yield return new Counted(space, shown.WithStack ? name : "", entity.IsDrifted ? Drifted : Ok, entity.Count);
        }
    }

    // Names need not be unique: equal ones count together. The order is that of the listing.
    private static StackRow[] Rows(IEnumerable<Counted> items)
    {
        Dictionary<(string Space, string Stack, string State), int> places = [];
        List<StackRow> rows = [];
        foreach (Counted item in items)
        {
            if (places.TryGetValue((item.Space, item.Stack, item.State), out int place))
            {
                rows[place] = rows[place] with { Value = rows[place].Value + item.Count };
                continue;
            }
            places.Add((item.Space, item.Stack, item.State), rows.Count);
            rows.Add(new StackRow(StackFamilies.Labels.WithValues(item.Space, item.Stack, item.State), item.Count));
        }
        return [.. rows];
    }

    private readonly record struct Counted(string Space, string Stack, string State, int Count);
}
