namespace CiMetrics.GitHubRunner.State;

/// <summary>What GitHub is to be asked, which is what no other source has told within its time, and what becomes of the answers.</summary>
internal sealed class Questions(JobTable table, HookedRuns hooked, Func<JobRecord, bool> isLeadOpen)
{
    /// <summary>Times that one thing is asked at most.</summary>
    public const int MostAsks = 10;

    // GitHub knows of a job's end some moments after its last hook has run.
    private static readonly TimeSpan HookPatience = TimeSpan.FromSeconds(5);

    // The log's times are whole seconds.
    private static readonly TimeSpan LogResolution = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Question, (int Count, DateTimeOffset After)> _failed = [];

    /// <summary>How many things are still to be asked.</summary>
    public int Waiting => table.Records.Count(record => IsUnheard(record) || isLeadOpen(record)) + hooked.All.Count(run => run.EndedAt is not null && !IsTold(run));

    /// <summary>The next thing to ask; null: there is nothing yet.</summary>
    /// <param name="now">The time.</param>
    /// <param name="patience">How long other sources may take.</param>
    public Question? Next(DateTimeOffset now, TimeSpan patience)
    {
        foreach (JobRecord record in table.Records)
        {
            if (record.Touched > now - patience || (!IsUnheard(record) && !isLeadOpen(record))) continue;
            Question question = Of(record);
            if (IsDue(question, now)) return question;
        }
        foreach (HookedRun run in hooked.All.Where(each => each.EndedAt is not null && IsTold(each)).ToArray()) hooked.Remove(run);
        return hooked.All
            .Where(run => run.EndedAt <= now - patience - (HookPatience * (1 << Math.Min(run.Asks, MostAsks))))
            .Select(run => new Question(QuestionKind.HookedJobs, run.Repository, run.RunId, run.Attempt, run.Runner, Api: run.Api))
            .FirstOrDefault(question => IsDue(question, now));
    }

    /// <summary>Notes that there was no answer: it is asked again, later each time, until it is given up.</summary>
    public void Fail(Question question, DateTimeOffset now)
    {
        if (_failed.Count >= 1000) _failed.Clear();
        int count = _failed.GetValueOrDefault(question).Count + 1;
        _failed[question] = (count, now + (TimeSpan.FromSeconds(10) * (1 << Math.Min(count - 1, 8))));
        if (count >= MostAsks) Close(question);
    }

    /// <summary>Notes that a question is not asked again: it was answered, or never will be.</summary>
    public void Close(Question question)
    {
        _failed.Remove(question);
        foreach (JobRecord record in About(question))
        {
            if (question.Kind == QuestionKind.Commit) record.IsCommitAsked = true;
            else record.IsAsked = true;
        }
        if (question.Kind == QuestionKind.HookedJobs && Find(question) is { } run) hooked.Remove(run);
    }

    /// <summary>Notes an answer about a runner's jobs, after these were taken in.</summary>
    /// <param name="question">The question.</param>
    /// <param name="isOver">Whether the answer has jobs of the runner, all of which have ended.</param>
    public void Answer(Question question, bool isOver)
    {
        HookedRun? run = question.Kind == QuestionKind.HookedJobs ? Find(question) : null;
        if (run is null || isOver || ++run.Asks >= MostAsks) Close(question);
        else _failed.Remove(question);
    }

    /// <summary>The records that a question is about: none where only hooks have told of a job.</summary>
    public IEnumerable<JobRecord> About(Question question) => question.Kind switch
    {
        QuestionKind.LoggedJob => table.Records.Where(record => record.Job == question.Job),
        QuestionKind.Commit => table.Records.Where(record => record.Identity is { } identity && identity.RunId == question.RunId && identity.Repository == question.Repository),
        _ => [],
    };

    private static bool IsUnheard(JobRecord record) => record is { IsAsked: false, ApiResult: null, LogResult: not null, Identity: { RunId: > 0, Repository.Length: > 0 } };

    private static Question Of(JobRecord record)
    {
        JobIdentity identity = record.Identity!;
        return IsUnheard(record)
            ? new Question(QuestionKind.LoggedJob, identity.Repository, identity.RunId, identity.Attempt, record.Runner, record.Job)
            : new Question(QuestionKind.Commit, identity.Repository, identity.RunId, 1, "");
    }

    private bool IsDue(Question question, DateTimeOffset now) => !_failed.TryGetValue(question, out (int Count, DateTimeOffset After) failed) || failed.After <= now;

    private HookedRun? Find(Question question) => hooked.All.FirstOrDefault(run =>
        run.EndedAt is not null && run.Runner == question.Runner && run.Repository == question.Repository && run.RunId == question.RunId && run.Attempt == question.Attempt);

    // By the log, or by a webhook that came after the hook.
    private bool IsTold(HookedRun run) => table.Records.Any(record =>
        record.Runner == run.Runner
        && record.Identity is { } identity && identity.RunId == run.RunId && identity.Attempt == run.Attempt
        && ((record.LogResult is not null && record.Finished >= run.EndedAt - LogResolution) || (record.ApiResult is not null && record.Touched >= run.EndedAt)));
}
