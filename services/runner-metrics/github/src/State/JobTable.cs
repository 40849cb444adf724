namespace CiMetrics.GitHubRunner.State;

/// <summary>
/// The jobs that are remembered, and which reports are about the same one. The runner's log and GitHub number jobs
/// differently: they are joined by the number that newer job messages carry, else by run, attempt, runner and name.
/// </summary>
internal sealed class JobTable
{
    /// <summary>Jobs that are remembered at most.</summary>
    public const int Most = 4000;

    private readonly LinkedList<JobRecord> _records = new();
    private readonly Dictionary<Guid, LinkedListNode<JobRecord>> _byJob = [];
    private readonly Dictionary<long, LinkedListNode<JobRecord>> _byApi = [];

    public JobTable(IEnumerable<JobRecord> kept)
    {
        foreach (JobRecord record in kept) Index(_records.AddLast(record));
    }

    /// <summary>The jobs, the one that was heard of first in front.</summary>
    public IEnumerable<JobRecord> Records => _records;

    /// <summary>Jobs that were forgotten because there were too many, before their time.</summary>
    public long Forgotten { get; set; }

    /// <summary>Jobs that had been counted from both sides before they turned out to be the same.</summary>
    public long CountedTwice { get; set; }

    /// <summary>The record of a job of the runner's log.</summary>
    public JobRecord OfLog(Guid job, string runner)
    {
        if (_byJob.TryGetValue(job, out LinkedListNode<JobRecord>? node)) return node.Value;
        return Add(new JobRecord { Job = job, Runner = runner });
    }

    /// <summary>The record of a job of GitHub's.</summary>
    public JobRecord OfApi(long id)
    {
        if (_byApi.TryGetValue(id, out LinkedListNode<JobRecord>? node)) return node.Value;
        return Add(new JobRecord { ApiId = id });
    }

    /// <summary>
    /// Finds out whether another record is about the same job, and makes one of them then; gives the one that is left.
    /// </summary>
    public JobRecord Join(JobRecord record)
    {
        if (record.Identity is not { } identity || (record.Job is not null && record.ApiId is not null)) return record;
        JobRecord? other = null;
        foreach (JobRecord candidate in _records)
        {
            if (candidate == record || candidate.Job is null == record.Job is null || candidate.ApiId is null == record.ApiId is null || candidate.Identity is not { } its) continue;
            if ((record.ApiId ?? candidate.ApiId) == (identity.CheckRunId ?? its.CheckRunId))
            {
                other = candidate;
                break;
            }
            if (IsAlike(record, candidate) && (other is null || Apart(record, candidate) < Apart(record, other))) other = candidate;
        }
        if (other is null) return record;
        (JobRecord kept, JobRecord gone) = record.Job is null ? (other, record) : (record, other);
        if (kept.IsCounted && gone.IsCounted) CountedTwice++;
        Remove(gone);
        kept.Merge(gone);
        _byApi[kept.ApiId!.Value] = _byJob[kept.Job!.Value];
        return kept;
    }

    /// <summary>Forgets jobs that are done with and were not heard of since then; gives whether there were any.</summary>
    public bool Forget(DateTimeOffset before, DateTimeOffset lostBefore)
    {
        int count = _records.Count;
        for (LinkedListNode<JobRecord>? node = _records.First; node is not null;)
        {
            LinkedListNode<JobRecord> here = node;
            node = node.Next;
            JobRecord record = here.Value;
            if (record.Touched < (record.IsCounted || record.Result is not null ? before : lostBefore)) Remove(record);
        }
        return _records.Count < count;
    }

    // A log's record that has a check run's number is joined by it or not at all.
    private static bool IsAlike(JobRecord one, JobRecord other) =>
        one.Runner.Length > 0
        && one.Runner == other.Runner
        && (one.Job is null ? other : one).Identity!.CheckRunId is null
        && one.Identity!.RunId == other.Identity!.RunId
        && one.Identity.Attempt == other.Identity.Attempt
        && one.Identity.Name == other.Identity.Name;

    private static TimeSpan Apart(JobRecord one, JobRecord other) =>
        ((one.Received ?? one.ApiStarted) - (other.Received ?? other.ApiStarted))?.Duration() ?? TimeSpan.MaxValue;

    private JobRecord Add(JobRecord record)
    {
        if (_records.Count >= Most)
        {
            JobRecord oldest = _records.FirstOrDefault(each => each.IsCounted) ?? _records.First!.Value;
            Remove(oldest);
            Forgotten++;
        }
        Index(_records.AddLast(record));
        return record;
    }

    private void Index(LinkedListNode<JobRecord> node)
    {
        if (node.Value.Job is { } job) _byJob[job] = node;
        if (node.Value.ApiId is { } id) _byApi[id] = node;
    }

    private void Remove(JobRecord record)
    {
        LinkedListNode<JobRecord>? node = null;
        if (record.Job is { } job) _byJob.Remove(job, out node);
        if (record.ApiId is { } id && _byApi.Remove(id, out LinkedListNode<JobRecord>? other)) node ??= other;
        if (node is not null) _records.Remove(node);
    }
}
