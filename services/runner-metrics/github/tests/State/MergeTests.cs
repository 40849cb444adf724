using System.Text.Json;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.State;

/// <summary>Any subset of the sources, in any order, with duplicates and restarts between, gives the same totals.</summary>
public sealed class MergeTests
{
    private const string Runner = "r";

    private static readonly FleetRules Rules = new()
    {
        Runners = TextSet.Of(Runner),
        HasApi = true,
        Deployments = new DeploymentRule(new("^prod"), TextSet.Of(), IsOn: true),
        ByRepository = true,
        ByWorkflow = true,
    };

    [Test]
    public void All_sources_in_all_orders_give_the_totals_of_the_jobs([Random(0, int.MaxValue, 150)] int seed)
    {
        Random random = new(seed);
        List<Job> jobs = [.. Enumerable.Range(0, random.Next(1, 25)).Select(number => Job.New(number, random))];
        bool hasLog = random.Next(4) > 0, hasApi = !hasLog || random.Next(2) == 0, hasHooks = random.Next(2) == 0;
        List<Fact> facts = [.. jobs.SelectMany(job => job.Facts(hasLog, hasApi, hasHooks, random))];
        facts.AddRange(facts.Where(fact => fact is not Fact.Hook && random.Next(3) == 0).ToArray());
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(facts));

        ManualTime time = new(Story.Start);
        FleetState state = new(new FleetImage(), Rules, time);
        foreach (Fact fact in facts)
        {
            state.Apply(fact);
            if (random.Next(10) == 0) state = Restarted(state, time);
            // Less than anything is waited for.
            if (random.Next(10) == 0) time.Advance(TimeSpan.FromMilliseconds(10));
            state.Tick();
        }
        time.Advance(TimeSpan.FromMinutes(1));
        state.Tick();
        Check(Restarted(state, time).Snapshot(), jobs, hasLog, hasApi);
    }

    [Test]
    public void A_different_result_from_GitHub_counts_no_second_job_and_shows()
    {
        ManualTime time = new(Story.Start);
        FleetState state = new(new FleetImage(), Rules, time);
        Job job = Job.New(1, new Random(1)) with { Result = JobResult.Success };
        foreach (Fact fact in job.Facts(true, false, false, new Random(1))) state.Apply(fact);
        foreach (Fact fact in (job with { Result = JobResult.Failed }).Facts(false, true, false, new Random(1))) state.Apply(fact);
        Assert.That((state.Snapshot().Runners[0].Jobs.Sum(), state.Snapshot().Disagreements), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void Of_a_lost_job_GitHub_has_the_word_and_without_it_the_job_is_abandoned()
    {
        ManualTime time = new(Story.Start);
        foreach (bool isTold in (bool[])[true, false])
        {
            FleetState state = new(new FleetImage(), Rules, time);
            Job job = Job.New(1, new Random(1)) with { Result = JobResult.Failed };
            foreach (Fact fact in job.Facts(true, false, false, new Random(1)).Where(fact => fact is not (Fact.Finished or Fact.WorkerEnded))) state.Apply(fact);
            state.Apply(new Fact.Started(Runner, "2", job.To));
            Assert.That(state.Snapshot().Runners[0].Jobs.Sum(), Is.Zero, "it is waited for what GitHub says");
            if (isTold) foreach (Fact fact in job.Facts(false, true, false, new Random(1))) state.Apply(fact);
            time.Advance(TimeSpan.FromMinutes(31));
            state.Tick();
            long[] counted = state.Snapshot().Runners[0].Jobs;
            Assert.That((counted[(int)JobResult.Failed], counted[(int)JobResult.Abandoned]), Is.EqualTo(isTold ? (1L, 0L) : (0L, 1L)));
        }
    }

    [Test]
    public void Jobs_that_are_too_many_to_remember_are_counted_all_the_same()
    {
        ManualTime time = new(Story.Start);
        FleetState state = new(new FleetImage(), Rules, time);
        Random random = new(1);
        for (int i = 0; i < JobTable.Most + 500; i++)
        {
            foreach (Fact fact in Job.New(i, random).Facts(true, true, false, random)) state.Apply(fact);
        }
        Assert.That((state.Snapshot().Runners[0].Jobs.Sum(), state.Image().Jobs.Count, state.Snapshot().Forgotten), Is.EqualTo((JobTable.Most + 500L, JobTable.Most - 1, 501L)), "the last one had two records before they were joined");
        Assert.That(JsonSerializer.SerializeToUtf8Bytes(state.Image(), FleetImageJson.Default.FleetImage), Has.Length.LessThan(8 << 20));
    }

    [Test]
    public void A_recovery_is_measured_from_the_first_failure_to_the_next_success()
    {
        Deployments deployments = new([], Rules.Deployments);
        deployments.Count("o/a", "prod", JobResult.Success, Story.At(0));
        deployments.Count("o/a", "prod", JobResult.Failed, Story.At(100));
        deployments.Count("o/a", "prod", JobResult.Failed, Story.At(200));
        deployments.Count("o/a", "prod", JobResult.Cancelled, Story.At(300));
        deployments.Count("o/a", "prod", JobResult.Success, Story.At(500));
        // Heard of late: the success at 500 was after it.
        deployments.Count("o/a", "prod", JobResult.Failed, Story.At(400));
        deployments.Count("o/a", "prod", JobResult.Success, Story.At(900));
        deployments.Lead("o/a", "prod", TimeSpan.FromSeconds(100));
        DeploymentSeries series = deployments.Series.Single();
        Assert.That((series.RecoverySeconds.Sum, series.RecoverySeconds.Counts.Sum(), series.LeadSeconds.Sum, series.LeadSeconds.Counts.Sum()), Is.EqualTo((400.0, 1L, 100.0, 1L)));
    }

    private static void Check(FleetSnapshot snapshot, List<Job> jobs, bool hasLog, bool hasApi)
    {
        RunnerSnapshot runner = snapshot.Runners.Single();
        foreach (JobResult result in JobResults.All) Assert.That(runner.Jobs[(int)result], Is.EqualTo(jobs.Count(job => job.Result == result)), $"{result}");
        Job[] ran = [.. jobs.Where(job => job.Result != JobResult.Skipped)];
        Assert.That((runner.JobSeconds.Counts.Sum(), runner.JobSeconds.Sum), Is.EqualTo(((long)ran.Length, ran.Sum(job => (job.To - job.From).TotalSeconds))));
        Assert.That(snapshot.Workloads.Sum(each => each.Jobs.Sum()), Is.EqualTo(jobs.Count));
        Assert.That(snapshot.Workloads.Select(each => each.Repository), Is.All.EqualTo("o/a"));
        Assert.That(snapshot.Deployments.Sum(each => each.Results.Sum()), Is.EqualTo(jobs.Count(job => job.IsDeployment)));
        Job[] shipped = [.. jobs.Where(job => hasLog && job is { IsDeployment: true, Result: JobResult.Success })];
        Assert.That((snapshot.Deployments.Sum(each => each.LeadSeconds.Counts.Sum()), snapshot.Deployments.Sum(each => each.LeadSeconds.Sum)), Is.EqualTo(((long)shipped.Length, shipped.Sum(job => 600 + (job.To - job.From).TotalSeconds))));
        Assert.That(snapshot.Waits.Sum(each => each.Seconds.Counts.Sum()), Is.EqualTo(hasApi ? ran.Length : 0));
        Assert.That((snapshot.Queued, snapshot.Disagreements, snapshot.CountedTwice, snapshot.WaitsUnknown, runner.RunningSince), Is.EqualTo((0L, 0L, 0L, 0L, (DateTimeOffset?)null)));
    }

    private static FleetState Restarted(FleetState state, TimeProvider time) => new(
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(state.Image(), FleetImageJson.Default.FleetImage), FleetImageJson.Default.FleetImage)!, Rules, time);

    private sealed record Job(int Number, DateTimeOffset From, DateTimeOffset To, JobResult Result, bool HasCheckRun, bool IsDeployment)
    {
        private readonly Guid _id = Guid.NewGuid();

        public string Repository { get; init; } = "o/a";

        public static Job New(int number, Random random)
        {
            DateTimeOffset from = Story.At(number * 1000);
            return new Job(number, from, from.AddSeconds(random.Next(1, 900)), JobResults.All[random.Next(5)], random.Next(2) == 0, random.Next(3) == 0);
        }

        public IEnumerable<Fact> Facts(bool log, bool api, bool hooks, Random random)
        {
            // Many jobs of one run and attempt, told apart by name.
            JobIdentity identity = new()
            {
                RunId = 1 + (Number / 5),
                Name = $"job {Number}",
                Repository = Repository,
                Workflow = "CI",
                Environment = IsDeployment ? "production" : null,
            };
            if (log)
            {
                yield return new Fact.Received(Runner, _id, From);
                yield return new Fact.Described(Runner, _id, identity with { CheckRunId = HasCheckRun ? Number + 1 : null, Committed = From.AddSeconds(-600) }, From);
                if (random.Next(2) == 0) yield return new Fact.WorkerEnded(Runner, _id, Result, To);
                yield return new Fact.Finished(Runner, _id, Result, To);
            }
            if (api)
            {
                ApiJob job = new() { Id = Number + 1, Identity = identity, Status = "queued", Created = From.AddSeconds(-30), Heard = From.AddSeconds(-29) };
                // A skipped job never waits for a runner.
                bool hasRun = Result != JobResult.Skipped;
                if (hasRun && random.Next(4) > 0) yield return new Fact.Api(job);
                job = job with { Runner = Runner, Started = From, Heard = From.AddSeconds(1) };
                if (hasRun && random.Next(4) > 0) yield return new Fact.Api(job with { Status = "in_progress" });
                yield return new Fact.Api(job with { Status = "completed", Completed = To, Result = Result, Heard = To });
            }
            if (!hooks) yield break;
            yield return new Fact.Hook(Runner, IsStart: true, identity.RunId, 1, From);
            if (log) yield return new Fact.Hook(Runner, IsStart: false, identity.RunId, 1, To);
        }
    }
}
