using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;

namespace CiMetrics.Spacelift.State;

/// <summary>How many resources of a stack there are in a state of drift.</summary>
/// <param name="StackId">The stack.</param>
/// <param name="StackName">Its name as the resources give it.</param>
/// <param name="IsDrifted">Whether these drifted.</param>
/// <param name="Count">How many.</param>
internal sealed record EntityCount(string StackId, string StackName, bool IsDrifted, int Count);

/// <summary>Counts resources while they are read; of none of them anything else is kept.</summary>
internal sealed class EntityFold : IFold<Entity, EntityCount>
{
    private readonly Dictionary<(string StackId, bool IsDrifted), int> _places = [];
    private readonly List<EntityCount> _rows = [];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<EntityCount> Rows => [.. _rows];

    /// <inheritdoc/>
    public void Add(Entity item)
    {
        Count++;
        string id = Words.Label(item.StackId);
        if (_places.TryGetValue((id, item.Drifted), out int place))
        {
            _rows[place] = _rows[place] with { Count = _rows[place].Count + 1 };
            return;
        }
        _places.Add((id, item.Drifted), _rows.Count);
        string name = Words.Label(item.StackName ?? id);
        _rows.Add(new EntityCount(id, name == id ? id : name, item.Drifted, 1));
    }
}
