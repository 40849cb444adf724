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

    /// <summary>Texts that were forgotten because there were too many.</summary>
    public long Forgotten { get; set; }

    /// <summary>Adds one; false where it was there.</summary>
    public bool Add(string text)
    {
        if (!_seen.Add(text)) return false;
        _order.Enqueue(text);
        if (_order.Count <= _most) return true;
        _seen.Remove(_order.Dequeue());
        Forgotten++;
        return true;
    }
}
