namespace CiMetrics.GitHubRunner.State;

/// <summary>
/// What is true of the runners and their jobs, from the facts of all sources. Single writer, no I/O, no clock of its own:
/// any subset of the sources, in any order, with anything told twice, gives the same totals, because what is told goes
/// into the record of its job and only the record is counted, once.
/// </summary>
internal sealed class FleetState
{
    /// <summary>Webhook deliveries that are remembered at most.</summary>
    public const int MostDeliveries = 8192;

    // What is told of a job in two files reaches us within moments; a job of which nobody says more has to be counted.
    private static readonly TimeSpan IdentityPatience = TimeSpan.FromSeconds(10);

    // GitHub gives a lost runner's job up after about a quarter of an hour.
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromMinutes(30);

    // No job may take longer than five days, nor wait longer than one.
    private static readonly TimeSpan LongestJob = TimeSpan.FromDays(6);

    private readonly FleetRules _rules;
    private readonly TimeProvider _time;
    private readonly FleetImage _kept;
    private readonly JobTable _table;
    private readonly Waits _waits;
    private readonly Deployments _deployments;
    private readonly Workloads _workloads;
    private readonly Dictionary<string, int> _restored;
    private readonly RecentTexts _hooks;
    private readonly HookedRuns _hooked;
    private readonly Questions _questions;

    /// <summary>Goes on from what was kept, which it takes over; a new image begins anew.</summary>
    public FleetState(FleetImage kept, FleetRules rules, TimeProvider time)
    {
        (_kept, _rules, _time) = (kept, rules, time);
        _table = new JobTable(kept.Jobs) { Forgotten = kept.Forgotten, CountedTwice = kept.CountedTwice };
        _waits = new Waits(kept.Waits);
        _deployments = new Deployments(kept.Deployments, rules.Deployments);
        _workloads = new Workloads(kept.Workloads, rules.MostWorkloads, rules.ByRepository, rules.ByWorkflow);
        _restored = kept.Restored.ToDictionary(each => each.Source, each => each.Count, StringComparer.Ordinal);
        _hooks = new RecentTexts(kept.SeenHooks, 1024);
        _hooked = new HookedRuns(kept.HookedRuns);
        _questions = new Questions(_table, _hooked, IsLeadOpen);
        Deliveries = new RecentTexts(kept.SeenDeliveries, MostDeliveries) { Forgotten = kept.DeliveriesForgotten };
        foreach (string runner in rules.Runners) Of(runner);
    }

    /// <summary>How far the files of each runner were read: kept with what was counted up to there.</summary>
    public Dictionary<string, FilesRead> Files => _kept.Files;

    /// <summary>Whether something was learned since the state was last kept.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Whether only reading has gone on since then: what was read says nothing, and may be read again.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Webhook deliveries that were taken.</summary>
    public RecentTexts Deliveries { get; }

    /// <summary>Takes a hook's event in unless it was taken before.</summary>
    public void ApplyOnce(string name, Fact.Hook hook)
    {
        if (_hooks.Add(name)) Apply(hook);
    }

    /// <summary>What GitHub is to be asked next; null: there is nothing yet.</summary>
    /// <param name="patience">How long other sources may take to tell of it.</param>
    public Question? NextQuestion(TimeSpan patience) => _questions.Next(_time.GetUtcNow(), patience);

    /// <summary>Takes in what GitHub says of a run's jobs, as far as they are the runner's.</summary>
    public void Answer(Question question, IReadOnlyList<ApiJob> jobs)
    {
        ApiJob[] its = [.. jobs.Where(job => job.Runner == question.Runner)];
        foreach (ApiJob job in its) Apply(new Fact.Api(job));
        _questions.Answer(question, its.Length > 0 && Array.TrueForAll(its, job => job.Result is not null));
        IsChanged = true;
    }

    /// <summary>Takes in when the commit was made that a run is of; null: it has none.</summary>
    public void Answer(Question question, DateTimeOffset? committed)
    {
        _questions.Close(question);
        foreach (JobRecord record in _questions.About(question))
        {
            record.Identity = record.Identity! with { Committed = record.Identity.Committed ?? committed };
            Settle(record);
        }
        IsChanged = true;
    }

    /// <summary>Notes that GitHub has not answered.</summary>
    /// <param name="question">What it was asked.</param>
    /// <param name="isForGood">Whether it never will.</param>
    public void Unanswered(Question question, bool isForGood)
    {
        if (isForGood) _questions.Close(question);
        else _questions.Fail(question, _time.GetUtcNow());
        IsChanged = true;
    }

    /// <summary>Notes that reading has gone on.</summary>
    public void Move() => HasMoved = true;

    /// <summary>Takes a fact in.</summary>
    public void Apply(Fact fact)
    {
        IsChanged = true;
        switch (fact)
        {
            case Fact.Received received:
                JobRecord begun = OfLog(received.Job, received.Runner);
                begun.Received ??= received.At;
                Settle(begun);
                break;
            case Fact.Described described:
                JobRecord named = OfLog(described.Job, described.Runner);
                named.Identity = named.Identity is null ? described.Identity : JobRecord.Joined(named.Identity, described.Identity);
                Settle(_table.Join(named));
                break;
            case Fact.WorkerEnded ended:
                OfLog(ended.Job, ended.Runner).WorkerResult ??= ended.Result;
                break;
            case Fact.Finished finished:
                Finish(finished);
                break;
            case Fact.Session session:
                Change(Of(session.Runner), session.Change);
                break;
            case Fact.Started started:
                Start(started);
                break;
            case Fact.Hook hook:
                Hook(hook);
                break;
            case Fact.Api api:
                Hear(api.Job);
                break;
            case Fact.CacheRestored restored:
                Restore(restored);
                break;
            case Fact.Imported imported:
                RunnerFigures figures = Of(imported.Runner);
                figures.Jobs[(int)imported.Result]++;
                if (imported.Seconds is { } seconds) figures.JobSeconds.Observe(Durations.JobBounds, seconds);
                else figures.WithoutDuration++;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact, "no such fact");
        }
    }

    /// <summary>Decides what only time decides: nobody has said more of a job within the time that it is waited for.</summary>
    public void Tick()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (JobRecord record in _table.Records)
        {
            if (record.IsCounted || record.Result is null) continue;
            Settle(record);
            IsChanged |= record.IsCounted;
        }
        IsChanged |= _table.Forget(now - _rules.Retention, now - LongestJob);
        _hooked.Forget(now - _rules.Retention);
    }

    /// <summary>What is true now.</summary>
    public FleetSnapshot Snapshot() => FleetSnapshot.Of(_kept, _table, _waits, _deployments, _workloads, _rules) with
    {
        DeliveriesForgotten = Deliveries.Forgotten,
        Questions = _rules.AsksApi ? _questions.Waiting : 0,
    };

    /// <summary>All that survives a restart of ours; to be written before anything else is applied.</summary>
    public FleetImage Image()
    {
        (IsChanged, HasMoved) = (false, false);
        _kept.Jobs = [.. _table.Records];
        (_kept.Forgotten, _kept.CountedTwice) = (_table.Forgotten, _table.CountedTwice);
        _kept.Waits = [.. _waits.Series];
        _kept.Deployments = [.. _deployments.Series];
        _kept.Workloads = [.. _workloads.Series];
        _kept.Restored = [.. _restored.Select(each => new RestoredCount(each.Key, each.Value))];
        _kept.HookedRuns = [.. _hooked.All];
        _kept.SeenHooks = [.. _hooks.All];
        (_kept.SeenDeliveries, _kept.DeliveriesForgotten) = ([.. Deliveries.All], Deliveries.Forgotten);
        return _kept;
    }

    private RunnerFigures Of(string runner)
    {
        if (!_kept.Runners.TryGetValue(runner, out RunnerFigures? figures)) _kept.Runners.Add(runner, figures = new RunnerFigures());
        return figures;
    }

    private JobRecord OfLog(Guid job, string runner)
    {
        JobRecord record = _table.OfLog(job, runner);
        record.Touched = _time.GetUtcNow();
        return record;
    }

    private void Finish(Fact.Finished finished)
    {
        JobRecord record = OfLog(finished.Job, finished.Runner);
        record.LogResult ??= finished.Result;
        record.Finished ??= finished.At;
        Settle(record);
    }

    private static void Change(RunnerFigures figures, SessionChange change)
    {
        switch (change)
        {
            case SessionChange.Listening:
                (figures.IsListening, figures.IsConnected) = (true, true);
                break;
            case SessionChange.ConnectError:
                figures.IsConnected = false;
                figures.ConnectErrors++;
                break;
            case SessionChange.Reconnected:
                figures.IsConnected = true;
                break;
            case SessionChange.Busy or SessionChange.Online:
                (figures.IsBusy, figures.IsConnected) = (change == SessionChange.Busy, true);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change, "no such change");
        }
    }

    // Jobs that an earlier listener had begun and did not end are lost: their worker ends with it.
    private void Start(Fact.Started started)
    {
        RunnerFigures figures = Of(started.Runner);
        figures.Starts++;
        (figures.Version, figures.IsListening, figures.IsConnected, figures.IsBusy, figures.HookedSince) = (started.Version, false, true, false, null);
        foreach (JobRecord record in _table.Records.Where(each => each.Runner == started.Runner && each is { Job: not null, LogResult: null, Received: not null }))
        {
            record.LogResult = record.WorkerResult ?? JobResult.Abandoned;
            record.IsOrphan = record.WorkerResult is null;
            record.Touched = _time.GetUtcNow();
            Settle(record);
        }
    }

    private void Hook(Fact.Hook hook)
    {
        RunnerFigures figures = Of(hook.Runner);
        if (hook.IsStart) figures.HookStarts++;
        else figures.HookCompletions++;
        if (!hook.IsStart) Ended(figures, hook.At);
        else if (!(figures.EndedAt >= hook.At)) figures.HookedSince = hook.At;
        if (_rules.AsksApi && _hooked.Take(hook)) _table.Forgotten++;
    }

    // Whatever tells of it: what began before has ended then.
    private static void Ended(RunnerFigures figures, DateTimeOffset? at)
    {
        if (!(figures.EndedAt >= at)) figures.EndedAt = at;
        if (figures.HookedSince <= figures.EndedAt) figures.HookedSince = null;
    }

    private void Hear(ApiJob job)
    {
        JobRecord record = _table.OfApi(job.Id);
        record.Touched = _time.GetUtcNow();
        if (job.Runner.Length > 0 && record.Runner.Length == 0) record.Runner = job.Runner;
        record.Identity = record.Identity is null ? job.Identity : JobRecord.Joined(record.Identity, job.Identity);
        record.Created ??= job.Created;
        if (job.Status == "queued") record.QueuedHeard ??= job.Heard;
        if (job.Status == "in_progress") record.RunningHeard ??= job.Heard;
        if (job.Status is "in_progress" or "completed") record.ApiStarted ??= job.Started;
        if (job.Status == "completed")
        {
            record.ApiCompleted ??= job.Completed;
            record.ApiResult ??= job.Result;
        }
        Settle(_table.Join(record));
    }

    private void Settle(JobRecord record)
    {
        if (record.Identity is { } identity && _deployments.EnvironmentOf(identity) is { } environment) SettleDeployment(record, identity, environment);
        SettleWait(record);
        if (record.Result is not null && _rules.Runners.Contains(record.Runner)) Ended(Of(record.Runner), record.Ended);
        if (record is { LogResult: { } log, ApiResult: { } api, IsDisagreementCounted: false, IsOrphan: false } && log != api)
        {
            record.IsDisagreementCounted = true;
            _kept.Disagreements++;
        }
        if (record.IsCounted || record.Result is not { } result || IsWaitedFor(record)) return;
        record.IsCounted = true;
        // GitHub tells of all runners, of which others may be observed elsewhere.
        if (!_rules.Runners.Contains(record.Runner)) return;
        RunnerFigures figures = Of(record.Runner);
        figures.Jobs[(int)result]++;
        if (_workloads.Count(record.Identity, result)) _kept.Folded++;
        TimeSpan? took = record is { LogResult: not null, IsOrphan: false, Received: not null } ? record.Finished - record.Received : record.ApiCompleted - record.ApiStarted;
        // A skipped job did not run; a clock that was set back says nothing.
        if (result == JobResult.Skipped) return;
        if (took >= TimeSpan.Zero) figures.JobSeconds.Observe(Durations.JobBounds, took.Value.TotalSeconds);
        else figures.WithoutDuration++;
    }

    private bool IsWaitedFor(JobRecord record)
    {
        TimeSpan heard = _time.GetUtcNow() - record.Touched;
        return record.ApiResult is null
            && (((record.Identity is null || record.Received is null) && heard < IdentityPatience) || (record.IsOrphan && _rules.HasApi && heard < OrphanPatience));
    }

    private void SettleDeployment(JobRecord record, JobIdentity identity, string environment)
    {
        _deployments.Expect(identity.Repository, environment);
        if (record.Result is not { } result || IsWaitedFor(record)) return;
        if (!record.IsDeploymentCounted && _deployments.Count(identity.Repository, environment, result, record.Ended)) _kept.Folded++;
        record.IsDeploymentCounted = true;
        // Who tells of the end need not know the commit.
        if (record.IsLeadCounted || result != JobResult.Success || record.Ended - identity.Committed is not { Ticks: >= 0 } lead) return;
        record.IsLeadCounted = true;
        _deployments.Lead(identity.Repository, environment, lead);
    }

    private bool IsLeadOpen(JobRecord record) =>
        record is { IsDeploymentCounted: true, IsLeadCounted: false, IsCommitAsked: false, Result: JobResult.Success, Ended: not null, Identity: { Committed: null, RunId: > 0, Repository.Length: > 0 } };

    private void SettleWait(JobRecord record)
    {
        if (record.ApiId is null || record.IsQueueCounted || record.Runner.Length == 0 || record.ApiStarted is not { } started) return;
        bool isOver = record.ApiResult is not null;
        if (record.ApiResult == JobResult.Skipped)
        {
            record.IsQueueCounted = true;
            return;
        }
        // Both by our clock, finer than GitHub's whole seconds.
        if (record.QueuedHeard is { } queued && (record.RunningHeard ?? started) - queued is { Ticks: >= 0 } waited)
            Waited(record, Waits.FromQueuedEvent, waited);
        else if (isOver && record.Created < started) Waited(record, Waits.FromCreation, started - record.Created.Value);
        else if (isOver)
        {
            record.IsQueueCounted = true;
            _kept.WaitsUnknown++;
        }
    }

    private void Waited(JobRecord record, string source, TimeSpan waited)
    {
        record.IsQueueCounted = true;
        if (_waits.Observe(record.Runner, source, waited.TotalSeconds)) _kept.Folded++;
    }

    private void Restore(Fact.CacheRestored restored)
    {
        if (_restored.GetValueOrDefault(restored.Source) >= restored.Ordinal) return;
        if (_restored.Count >= 1024) _restored.Remove(_restored.Keys.First());
        _restored[restored.Source] = restored.Ordinal;
        Dictionary<string, long[]> restores = Of(restored.Runner).Restores;
        if (!restores.TryGetValue(restored.Type, out long[]? counts)) restores.Add(restored.Type, counts = new long[3]);
        counts[(int)restored.Result]++;
    }
}
