namespace CiMetrics.GitHubRunner.State;

/// <summary>
/// The runs of which hooks have told that a job has ended: where no log can be read GitHub knows how. A job that has no
/// completed hook, because its worker was killed, has ended when its runner begins the next one.
/// </summary>
internal sealed class HookedRuns(List<HookedRun> kept)
{
    /// <summary>Runs that are remembered at most until GitHub has answered.</summary>
    public const int Most = 1000;

    private readonly LinkedList<HookedRun> _runs = new(kept);

    /// <summary>The runs, the one that was heard of first in front.</summary>
    public IEnumerable<HookedRun> All => _runs;

    /// <summary>Takes a hook's event in; gives whether another run was forgotten for it.</summary>
    public bool Take(Fact.Hook hook)
    {
        if (hook.IsStart)
        {
            foreach (HookedRun open in _runs.Where(each => each.Runner == hook.Runner && each.EndedAt is null)) open.EndedAt = hook.At;
        }
        if (hook.RunId <= 0 || hook.Repository.Length == 0) return false;
        HookedRun? run = _runs.FirstOrDefault(each => each.Runner == hook.Runner && each.Repository == hook.Repository && each.RunId == hook.RunId && each.Attempt == hook.Attempt);
        bool isFull = run is null && _runs.Count >= Most;
        if (isFull) _runs.RemoveFirst();
        if (run is null) _runs.AddLast(run = new HookedRun { Runner = hook.Runner, Repository = hook.Repository, RunId = hook.RunId, Attempt = hook.Attempt, Api = hook.ApiUrl });
        (run.EndedAt, run.Asks) = (hook.IsStart ? null : hook.At, 0);
        return isFull;
    }

    /// <summary>Forgets a run.</summary>
    public void Remove(HookedRun run) => _runs.Remove(run);

    /// <summary>Forgets the runs of which nobody has told more.</summary>
    public void Forget(DateTimeOffset before)
    {
        foreach (HookedRun run in _runs.Where(each => each.EndedAt < before).ToArray()) _runs.Remove(run);
    }
}

/// <summary>A run of which a runner's hooks have told.</summary>
internal sealed class HookedRun
{
    public required string Runner { get; init; }

    public required string Repository { get; init; }

    public required long RunId { get; init; }

    public required int Attempt { get; init; }

    /// <summary>The address of the API that the runner's jobs know; null where the hook does not say.</summary>
    public string? Api { get; init; }

    /// <summary>When a job of it ended; null: it runs.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How often GitHub was asked since then and did not know the end.</summary>
    public int Asks { get; set; }
}
