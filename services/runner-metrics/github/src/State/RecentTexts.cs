namespace CiMetrics.GitHubRunner.State;

/// <summary>The texts that were seen last, a bounded number of them.</summary>
internal sealed class RecentTexts
{
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly int _most;

    public RecentTexts(IEnumerable<string> kept, int most)
    {
        _most = most;
        foreach (string text in kept) Add(text);
    }

    /// <summary>The texts, oldest first.</summary>
    public IEnumerable<string> All => _order;

    public bool Contains(string text) => _seen.Contains(text);

    /// <summary>Adds one; false where it was there.</summary>
    public bool Add(string text)
    {
        if (!_seen.Add(text)) return false;
        _order.Enqueue(text);
        if (_order.Count > _most) _seen.Remove(_order.Dequeue());
        return true;
    }
}
