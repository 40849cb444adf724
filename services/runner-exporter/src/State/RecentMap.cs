using System.Diagnostics.CodeAnalysis;

namespace CiMetrics.RunnerExporter.State;

/// <summary>The last <paramref name="capacity"/> keys added, with their values: tells a repeated key from a new one in bounded memory.</summary>
internal sealed class RecentMap<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, TValue> _values = [];
    private readonly Queue<TKey> _order = new();

    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value) => _values.TryGetValue(key, out value);

    /// <summary>Adds a key that is not among the recent ones; the oldest one makes room.</summary>
    public void Add(TKey key, TValue value)
    {
        _values.Add(key, value);
        _order.Enqueue(key);
        if (_order.Count > capacity) _values.Remove(_order.Dequeue());
    }
}
