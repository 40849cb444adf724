using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;

namespace CiMetrics.Spacelift.State;

/// <summary>What is kept of a stack.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Space">The name of its space; empty where Spacelift does not say.</param>
/// <param name="State">Its state.</param>
/// <param name="StateSetAt">Since when, a unix second.</param>
/// <param name="IsLocked">Whether somebody locked it.</param>
internal sealed record KnownStack(string Id, string Name, string Space, string State, long? StateSetAt, bool IsLocked);

/// <summary>Keeps each stack once: one that changes while pages are read may be on two of them. Equal texts are one object.</summary>
internal sealed class StackFold : IFold<Stack, KnownStack>
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly List<KnownStack> _rows = [];

    /// <inheritdoc/>
    public int Count => _rows.Count;

    /// <inheritdoc/>
    public IReadOnlyList<KnownStack> Rows => [.. _rows];

    /// <inheritdoc/>
    public void Add(Stack item)
    {
        KnownStack stack = new(One(item.Id), One(item.Name), One(item.SpaceDetails?.Name ?? ""), One(item.State), item.StateSetAt, !string.IsNullOrEmpty(item.LockedBy));
        if (_places.TryAdd(stack.Id, _rows.Count)) _rows.Add(stack);
        else _rows[_places[stack.Id]] = stack;
    }

    private string One(string text)
    {
        text = Words.Label(text);
        if (_texts.TryGetValue(text, out string? same)) return same;
        _texts.Add(text);
        return text;
    }
}
