using CiMetrics.AlloyRunner.State;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>
/// The jobs that containers show at work, from what happens to these. Each stage of a job is one run of one of its
/// containers: the order of runs tells most stages, the processes inside the others. No I/O.
/// </summary>
internal sealed class JobContainers
{
    private const int Most = 10_000;

    /// <summary>A container that had run before we looked has run any number of times.</summary>
    private const int Often = 3;

    private readonly Dictionary<string, Container> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Job> _jobs = [];

    /// <summary>The containers that run what the runner does for jobs, with their first process.</summary>
    public IEnumerable<(string Id, int Pid)> RunningHelpers =>
        _containers.Values.Where(container => container is { IsRunning: true, Pid: > 0, What.Kind: ContainerKind.Helper }).Select(container => (container.What.Id, container.Pid));

    /// <summary>Whether there is a run of a container that is known already.</summary>
    public bool IsRunning(string id) => _containers.TryGetValue(id, out Container? known) && known.IsRunning;

    /// <summary>The jobs that have been at work and still have containers.</summary>
    public IReadOnlyList<SeenJob> Jobs() =>
        [.. _jobs.Where(job => job.Value.HasBegun).Select(job => new SeenJob($"job {job.Key}", job.Key, job.Value.Stage) { IsFresh = job.Value.IsFresh, IsBetween = job.Value.Running == 0 })];

    /// <summary>A container began to run.</summary>
    /// <param name="what">The container.</param>
    /// <param name="pid">Its first process; 0 where that is not known.</param>
    /// <param name="hasRunBefore">Whether it had ended before.</param>
    /// <param name="isNow">It happened just now; else it had begun when we first looked.</param>
    public void Started(JobContainer what, int pid, bool hasRunBefore, bool isNow)
    {
        if (Known(what) is not { IsRunning: false } container) return;
        (container.IsRunning, container.Pid) = (true, pid);
        Job job = container.Job;
        job.Running++;
        job.HasBegun = true;
        if (what.Kind == ContainerKind.Build)
        {
            job.Builds += hasRunBefore && job.Builds == 0 ? 2 : 1;
            Set(job, job.Builds == 1 ? "build_script" : "after_script", isNow);
            return;
        }
        job.Helpers += hasRunBefore && job.Helpers == 0 ? Often : 1;
        // After the script: archives or uploads. Before it, the third one on: caches or artifacts.
        Set(job, job.Builds > 0 ? "" : job.Helpers switch { 1 => "prepare_script", 2 => "get_sources", _ => "" }, isNow);
    }

    /// <summary>A container is there and does not run.</summary>
    /// <param name="what">The container.</param>
    /// <param name="hasRun">Whether it has ended; else it was only created.</param>
    public void Stands(JobContainer what, bool hasRun)
    {
        bool isKnown = _containers.ContainsKey(what.Id);
        if (Known(what) is not { } container) return;
        if (isKnown)
        {
            Ended(what.Id);
            return;
        }
        if (!hasRun) return;
        container.Job.HasBegun = true;
        if (what.Kind == ContainerKind.Build) container.Job.Builds = Math.Max(container.Job.Builds, 1);
        else container.Job.Helpers = Math.Max(container.Job.Helpers, Often);
    }

    /// <summary>A container does not run any more.</summary>
    public void Ended(string id)
    {
        if (!_containers.TryGetValue(id, out Container? container) || !container.IsRunning) return;
        container.IsRunning = false;
        container.Job.Running--;
    }

    /// <summary>A container is gone; a job goes with its last one.</summary>
    public void Removed(string id)
    {
        Ended(id);
        if (!_containers.Remove(id, out Container? container) || --container.Job.Containers > 0) return;
        _jobs.Remove(container.What.Job);
    }

    /// <summary>These are all that there are.</summary>
    public void Keep(IReadOnlySet<string> ids)
    {
        foreach (string gone in _containers.Keys.Where(id => !ids.Contains(id)).ToArray()) Removed(gone);
    }

    /// <summary>The processes of a running helper tell what it does.</summary>
    public void Does(string id, string stage)
    {
        if (_containers.TryGetValue(id, out Container? container) && container.IsRunning && container.Job.Stage != stage) Set(container.Job, stage, isNow: container.Job.IsFresh);
    }

    private static void Set(Job job, string stage, bool isNow) => (job.Stage, job.IsFresh) = (stage, isNow);

    private Container? Known(JobContainer what)
    {
        if (_containers.TryGetValue(what.Id, out Container? known)) return known;
        if (_containers.Count >= Most) return null;
        if (!_jobs.TryGetValue(what.Job, out Job? job)) _jobs.Add(what.Job, job = new Job());
        job.Containers++;
        Container container = new(what, job);
        _containers.Add(what.Id, container);
        return container;
    }

    private sealed class Container(JobContainer what, Job job)
    {
        public JobContainer What => what;

        public Job Job => job;

        public bool IsRunning { get; set; }

        public int Pid { get; set; }
    }

    private sealed class Job
    {
        public int Containers { get; set; }

        public int Running { get; set; }

        public int Builds { get; set; }

        public int Helpers { get; set; }

        public bool HasBegun { get; set; }

        public string Stage { get; set; } = "";

        /// <summary>The stage was seen to begin.</summary>
        public bool IsFresh { get; set; }
    }
}
