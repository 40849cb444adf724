namespace CiMetrics.AlloyRunner.State;

/// <summary>The jobs that ended last: newer runners tell of one end in several lines, and it counts once.</summary>
internal sealed class RecentJobs
{
    private const int Most = 1024;

    private readonly Queue<long> _order = new();
    private readonly HashSet<long> _ids = [];

    public RecentJobs(IEnumerable<long> ids)
    {
        foreach (long id in ids) Add(id);
    }

    /// <summary>The jobs, oldest first.</summary>
    public IEnumerable<long> Ids => _order;

    public bool Contains(long job) => _ids.Contains(job);

    public void Add(long job)
    {
        if (!_ids.Add(job)) return;
        _order.Enqueue(job);
        if (_order.Count > Most) _ids.Remove(_order.Dequeue());
    }

}
