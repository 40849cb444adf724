namespace CiMetrics.AlloyRunner.State;

/// <summary>
/// The jobs that run now: those that were heard of, and the number of those that only a count of the runner's own tells
/// of. Lines of concurrent jobs come in any order, and a count can be one line early or late.
/// </summary>
internal sealed class LiveJobs
{
    private const int Most = 10_000;

    private readonly LinkedList<LiveJob> _jobs = [];
    private readonly Dictionary<long, LinkedListNode<LiveJob>> _byId = [];

    // What the last line about a job was: the count in the next line may be from before it.
    private int _lastChange;

    public LiveJobs(IEnumerable<LiveJob> jobs, long unknown)
    {
        foreach (LiveJob job in jobs) Add(job);
        Unknown = unknown;
        _lastChange = 0;
    }

    /// <summary>Jobs that only the runner's own count tells of.</summary>
    public long Unknown { get; private set; }

    /// <summary>Jobs that were added because the runner counts more.</summary>
    public long Missing { get; private set; }

    /// <summary>Jobs that were taken away because the runner counts fewer.</summary>
    public long Surplus { get; private set; }

    /// <summary>All of them.</summary>
    public long Count => _jobs.Count + Unknown;

    /// <summary>Those that were heard of, oldest first.</summary>
    public IEnumerable<LiveJob> Known => _jobs;

    /// <summary>A job runs; false where that is known already.</summary>
    public bool Add(LiveJob job)
    {
        if (_byId.ContainsKey(job.Job) || _jobs.Count >= Most) return false;
        _byId.Add(job.Job, _jobs.AddLast(job));
        _lastChange = 1;
        return true;
    }

    /// <summary>A job runs no more; null where it was not known to.</summary>
    public LiveJob? Remove(long job)
    {
        _lastChange = -1;
        if (_byId.Remove(job, out LinkedListNode<LiveJob>? node))
        {
            _jobs.Remove(node);
            return node.Value;
        }
        // One of those that were only counted.
        if (Unknown > 0) Unknown--;
        return null;
    }

    /// <summary>The runner counts its jobs.</summary>
    public void Reconcile(long builds)
    {
        long difference = builds - Count;
        // Received, and not in the runner's list yet; or ended, and still in it.
        bool isOnTheWay = difference == -_lastChange && _lastChange != 0;
        _lastChange = 0;
        if (difference == 0 || isOnTheWay) return;
        if (difference > 0)
        {
            Unknown += Math.Min(difference, Most);
            Missing += difference;
            return;
        }
        Surplus -= difference;
        long less = -difference;
        long ofUnknown = Math.Min(less, Unknown);
        Unknown -= ofUnknown;
        for (less -= ofUnknown; less > 0 && _jobs.First is { } oldest; less--)
        {
            _byId.Remove(oldest.Value.Job);
            _jobs.RemoveFirst();
        }
    }

    /// <summary>Nothing runs, except what began after that moment.</summary>
    public void Reset(DateTimeOffset? except = null)
    {
        for (LinkedListNode<LiveJob>? node = _jobs.First; node is not null;)
        {
            LinkedListNode<LiveJob>? next = node.Next;
            if (except is null || (node.Value.Since ?? node.Value.SeenAt) < except)
            {
                _byId.Remove(node.Value.Job);
                _jobs.Remove(node);
            }
            node = next;
        }
        Unknown = 0;
        _lastChange = 0;
    }
}
