namespace CiMetrics.RunnerExporter.State;

/// <summary>The last <paramref name="capacity"/> values added: tells a repeated one from a new one in bounded memory.</summary>
internal sealed class RecentSet<T>(int capacity)
    where T : notnull
{
    private readonly HashSet<T> _values = [];
    private readonly Queue<T> _order = new();

    /// <summary>False where the value is among the recent ones.</summary>
    public bool Add(T value)
    {
        if (!_values.Add(value)) return false;
        _order.Enqueue(value);
        if (_order.Count > capacity) _values.Remove(_order.Dequeue());
        return true;
    }
}
