using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Reading;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.State;

/// <summary>
/// What is true of the runner, from the events of all sources. Single writer, no I/O, no clock of its own: given the same
/// events it says the same, in whatever order the lines of concurrent jobs came.
/// </summary>
internal sealed class RunnerState
{
    /// <summary>Where nobody looks at processes or containers: the jobs run, and what they do is not known.</summary>
    public const string NotSeen = "unknown";

    private static readonly string[] Levels = ["warning", "error", "fatal", "panic"];

    private readonly TimeProvider _time;
    private readonly LiveJobs _live;
    private readonly RecentJobs _ended;
    private readonly RunnerNames _names;
    private readonly JobStages _stages;
    private readonly MachineState _docker;
    private readonly MachineState _ssh;
    private readonly Dictionary<string, long> _started;
    private readonly Dictionary<(string Runner, JobResult Result), long> _finished;
    private readonly Dictionary<string, Durations> _jobSeconds;
    private readonly long[] _errors;
    private Durations _queueSeconds;
    private RunnerImage _kept;
    private readonly Dictionary<JobSight, IReadOnlyList<SeenJob>> _seen = [];
    private JobExecutors _executors = new(null);
    private Func<string, bool> _isSshMachine = _ => false;
    private readonly long _missingBefore;
    private readonly long _surplusBefore;

    /// <summary>Goes on from what was kept; a new image begins anew.</summary>
    public RunnerState(RunnerImage kept, TimeProvider time)
    {
        _time = time;
        _kept = kept;
        _live = new LiveJobs(kept.Jobs, kept.Unknown);
        _ended = new RecentJobs(kept.RecentlyFinished);
        _started = new Dictionary<string, long>(kept.Started, StringComparer.Ordinal);
        _names = new RunnerNames(kept.Started.Keys);
        _finished = kept.Finished.ToDictionary(count => (count.Runner, count.Result), count => count.Count);
        _jobSeconds = new Dictionary<string, Durations>(kept.JobSeconds, StringComparer.Ordinal);
        _stages = new JobStages(kept.StageSeconds);
        _queueSeconds = kept.QueueSeconds ?? Durations.Empty(Durations.QueueBounds);
        _errors = kept.Errors.Length == Levels.Length ? [.. kept.Errors] : new long[Levels.Length];
        _docker = new MachineState(isSsh: false, kept.Docker);
        _ssh = new MachineState(isSsh: true, kept.Ssh);
        _missingBefore = kept.ReconciledMissing;
        _surplusBefore = kept.ReconciledSurplus;
    }

    /// <summary>Grows with everything that is taken in: as long as it is the same, so is the snapshot.</summary>
    public long Version { get; private set; }

    /// <summary>Tells the executors of jobs apart, and the machines of the ssh executor from the others by their names, which hold a runner's token.</summary>
    public void Use(RunnerConfig config)
    {
        _executors = new JobExecutors(config);
        Version++;
        string[] tokens =
        [
            .. config.Runners.Where(runner => runner.Executor == "docker-ssh+machine" && runner.ShortToken.Length >= 8)
                .Select(runner => "runner-" + runner.ShortToken[..8]),
        ];
        _isSshMachine = name => Array.Exists(tokens, token => name.StartsWith(token, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Counts a line of the log.</summary>
    public void CountLine(LineLevel level)
    {
        if (level < LineLevel.Warning) return;
        Version++;
        _errors[level - LineLevel.Warning]++;
    }

    /// <summary>Counts a line that is not understood.</summary>
    public void CountUnparsed()
    {
        Version++;
        _kept = _kept with { UnparsedLines = _kept.UnparsedLines + 1 };
    }

    /// <summary>Takes an event in.</summary>
    public void Apply(RunnerEvent happened)
    {
        Version++;
        switch (happened)
        {
            case RunnerEvent.JobStarted started:
                Start(started);
                break;
            case RunnerEvent.JobFinished finished:
                Finish(finished);
                break;
            case RunnerEvent.JobGone gone:
                if (!_ended.Contains(gone.Job)) End(gone.Job);
                break;
            case RunnerEvent.BuildCount count:
                _live.Reconcile(count.Builds);
                break;
            case RunnerEvent.RunnerStarted:
                Restarted(null);
                break;
            case RunnerEvent.ProcessChanged changed:
                Changed(changed);
                break;
            // One that was never seen may run where we cannot see it.
            case RunnerEvent.ProcessGone when _kept.Pid == 0:
                break;
            case RunnerEvent.ProcessGone:
                _live.Reset();
                _stages.Forget();
                break;
            case RunnerEvent.Contact { Succeeded: true } contact:
                Contact(contact.When);
                break;
            case RunnerEvent.Contact:
                _kept = _kept with { ContactFailures = _kept.ContactFailures + 1 };
                break;
            case RunnerEvent.ConfigRead config:
                _kept = _kept with { ConfigOk = config.Succeeded, ConfigReadAt = config.When ?? _kept.ConfigReadAt };
                break;
            case RunnerEvent.MachineCreated created:
                Of(created.Name).Created(created.Name, created.Seconds);
                break;
            case RunnerEvent.MachineUsed used:
                Of(used.Name).Used(used.Name, used.Job);
                break;
            case RunnerEvent.MachineRemoving removing:
                Of(removing.Name).Removing(removing.Name);
                break;
            case RunnerEvent.MachineRemoved removed:
                Of(removed.Name).Removed(removed.Name);
                break;
            case RunnerEvent.JobsSeen seen:
                See(seen.Sight, seen.Jobs);
                break;
            case RunnerEvent.MachinesSeen machines:
                _docker.Seen(machines.Docker);
                _ssh.Seen(machines.Ssh);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened, "no such event");
        }
    }

    /// <summary>What is true now.</summary>
    public RunnerSnapshot Snapshot() => new()
    {
        Builds = BuildGroups.Of(_live, sight => _seen.GetValueOrDefault(sight), _executors, _ended.Contains),
        Running = _live.Count,
        Started = new Dictionary<string, long>(_started, StringComparer.Ordinal),
        Finished = new Dictionary<(string, JobResult), long>(_finished),
        JobSeconds = new Dictionary<string, Durations>(_jobSeconds, StringComparer.Ordinal),
        StageSeconds = new Dictionary<string, Durations>(_stages.Seconds, StringComparer.Ordinal),
        QueueSeconds = _queueSeconds,
        Errors = Levels.Select((level, index) => (level, index)).ToDictionary(each => each.level, each => _errors[each.index], StringComparer.Ordinal),
        Machines = [_docker.Figures(), _ssh.Figures()],
        LastContact = _kept.LastContact,
        ContactFailures = _kept.ContactFailures,
        ConfigOk = _kept.ConfigOk,
        ConfigReadAt = _kept.ConfigReadAt,
        Restarts = _kept.Restarts,
        ReconciledMissing = _missingBefore + _live.Missing,
        ReconciledSurplus = _surplusBefore + _live.Surplus,
        UnparsedLines = _kept.UnparsedLines,
        FoldedRunners = _kept.FoldedRunners,
    };

    /// <summary>All that survives a restart of ours, without the position in the log, which its reader knows.</summary>
    public RunnerImage Image() => _kept with
    {
        Jobs = [.. _live.Known],
        Unknown = _live.Unknown,
        Started = new Dictionary<string, long>(_started, StringComparer.Ordinal),
        Finished = [.. _finished.Select(count => new FinishedCount(count.Key.Runner, count.Key.Result, count.Value))],
        JobSeconds = new Dictionary<string, Durations>(_jobSeconds, StringComparer.Ordinal),
        StageSeconds = new Dictionary<string, Durations>(_stages.Seconds, StringComparer.Ordinal),
        QueueSeconds = _queueSeconds,
        Errors = [.. _errors],
        Docker = _docker.Tally(),
        Ssh = _ssh.Tally(),
        ReconciledMissing = _missingBefore + _live.Missing,
        ReconciledSurplus = _surplusBefore + _live.Surplus,
        RecentlyFinished = [.. _ended.Ids],
    };

    private void Start(RunnerEvent.JobStarted started)
    {
        if (started.QueueSeconds is { } waited) _queueSeconds = _queueSeconds.With(Durations.QueueBounds, waited);
        // The coordinator gives an id once; a second line about it is the same job.
        if (_ended.Contains(started.Job)) return;
        string runner = Label(started.Runner);
        if (!_live.Add(new LiveJob(started.Job, runner, started.When, _time.GetUtcNow()))) return;
        _started[runner] = _started.GetValueOrDefault(runner) + 1;
        Contact(started.When);
    }

    private void Finish(RunnerEvent.JobFinished finished)
    {
        if (_ended.Contains(finished.Job)) return;
        LiveJob? job = End(finished.Job);
        string runner = job?.Runner ?? Label(finished.Runner);
        _finished[(runner, finished.Result)] = _finished.GetValueOrDefault((runner, finished.Result)) + 1;
        double? seconds = finished.Seconds ?? (finished.When - job?.Since)?.TotalSeconds;
        if (seconds is { } known)
            _jobSeconds[runner] = _jobSeconds.GetValueOrDefault(runner, Durations.Empty(Durations.JobBounds)).With(Durations.JobBounds, Math.Max(0, known));
    }

    private LiveJob? End(long job)
    {
        _ended.Add(job);
        _docker.JobEnded(job);
        _ssh.JobEnded(job);
        return _live.Remove(job);
    }

    private void Changed(RunnerEvent.ProcessChanged changed)
    {
        bool isFirst = _kept.Pid == 0;
        if (_kept.Pid == changed.Pid && Math.Abs(_kept.PidStart - changed.StartSeconds) < 0.5) return;
        _kept = _kept with { Pid = changed.Pid, PidStart = changed.StartSeconds };
        if (isFirst) return;
        _kept = _kept with { Restarts = _kept.Restarts + 1 };
        Restarted(changed.Began);
    }

    // Jobs of the process before are gone with it. The log may have told already of jobs that the new one runs.
    private void Restarted(DateTimeOffset? began)
    {
        _live.Reset(began);
        _docker.Reset();
        _ssh.Reset();
        _stages.Forget();
    }

    private void See(JobSight sight, IReadOnlyList<SeenJob>? jobs)
    {
        if (jobs is null)
        {
            _seen.Remove(sight);
            _stages.Stop(sight);
            return;
        }
        _seen[sight] = jobs;
        _stages.Look(sight, jobs, _time.GetUtcNow());
    }

    private void Contact(DateTimeOffset? when)
    {
        if (when > (_kept.LastContact ?? DateTimeOffset.MinValue)) _kept = _kept with { LastContact = when };
    }

    private MachineState Of(string machine) => _isSshMachine(machine) ? _ssh : _docker;

    private string Label(string runner)
    {
        (string label, bool isFolded) = _names.Of(runner);
        if (isFolded) _kept = _kept with { FoldedRunners = _kept.FoldedRunners + 1 };
        return label;
    }
}
