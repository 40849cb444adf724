using System.Text.Json;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.State;

/// <summary>Label values come from outside: beyond a number of them they are counted under one, and a counter says how often.</summary>
public sealed class CapTests
{
    private const int Beyond = 30;

    private static readonly FleetRules Rules = new()
    {
        Runners = TextSet.Of("r"),
        HasApi = true,
        Deployments = new DeploymentRule(new("^prod"), TextSet.Of(), IsOn: true),
    };

    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(true, true)]
    public void Repositories_and_workflows_beyond_the_cap_are_folded(bool byRepository, bool byWorkflow)
    {
        FleetState state = New(Rules with { MostWorkloads = 5, ByRepository = byRepository, ByWorkflow = byWorkflow });
        for (int i = 0; i < 5 + Beyond; i++) state.Apply(Job(i, $"o/{i}", $"w{i}", "r"));
        // One that has a series of its own goes on with it.
        state.Apply(Job(1000, "o/0", "w0", "r"));
        FleetSnapshot now = Restarted(state, Rules with { MostWorkloads = 5, ByRepository = byRepository, ByWorkflow = byWorkflow }).Snapshot();
        Assert.That(now.Workloads.Select(each => each.Repository), Is.EqualTo(byRepository ? ["o/0", "o/1", "o/2", "o/3", "o/4", "other"] : Enumerable.Repeat("", 6)));
        Assert.That(now.Workloads.Select(each => each.Workflow), Is.EqualTo(byWorkflow ? ["w0", "w1", "w2", "w3", "w4", "other"] : Enumerable.Repeat("", 6)));
        Assert.That(now.Workloads.Select(each => each.Jobs.Sum()), Is.EqualTo(new long[] { 2, 1, 1, 1, 1, Beyond }));
        Assert.That(now.Folded, Is.EqualTo(Beyond));
    }

    [Test]
    public void Runners_beyond_the_cap_wait_under_one_name()
    {
        FleetState state = New(Rules);
        for (int i = 0; i < Waits.MostRunners + Beyond; i++) state.Apply(Job(i, "o/a", "CI", $"pod-{i}"));
        state.Apply(Job(100_000, "o/a", "CI", "pod-0"));
        FleetSnapshot now = Restarted(state, Rules).Snapshot();
        Assert.That(now.Waits, Has.Count.EqualTo(Waits.MostRunners + 1));
        Assert.That(now.Waits.Single(each => each.Runner == "other").Seconds.Counts.Sum(), Is.EqualTo(Beyond));
        Assert.That(now.Waits.Single(each => each.Runner == "pod-0").Seconds.Counts.Sum(), Is.EqualTo(2));
        Assert.That(now.Folded, Is.EqualTo(Beyond));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Deployments_of_too_many_repositories_or_environments_are_folded(bool byRepository)
    {
        FleetState state = New(Rules);
        for (int i = 0; i < Deployments.Most + Beyond; i++)
        {
            Fact.Api job = Job(i, byRepository ? $"o/{i}" : "o/a", "CI", "r");
            state.Apply(new Fact.Api(job.Job with { Identity = job.Job.Identity with { Environment = byRepository ? "production" : $"prod-{i}", Committed = Story.At(-100) } }));
        }
        FleetSnapshot now = Restarted(state, Rules).Snapshot();
        Assert.That(now.Deployments, Has.Count.EqualTo(Deployments.Most + 1));
        DeploymentSeries other = now.Deployments.Single(each => each.Repository == "other" && each.Environment == "other");
        Assert.That((other.Results.Sum(), other.LeadSeconds.Counts.Sum(), now.Folded), Is.EqualTo(((long)Beyond, (long)Beyond, (long)Beyond)));
    }

    [Test]
    public void Deliveries_beyond_those_that_are_remembered_show_and_count_no_job_again()
    {
        FleetState state = New(Rules);
        for (int i = 0; i < FleetState.MostDeliveries + Beyond; i++) Assert.That(state.Deliveries.Add($"delivery-{i}"), Is.True);
        state.Apply(Job(1, "o/a", "CI", "r"));
        state = Restarted(state, Rules);
        Assert.That((state.Snapshot().DeliveriesForgotten, state.Image().SeenDeliveries.Count), Is.EqualTo(((long)Beyond, FleetState.MostDeliveries)));
        Assert.That(state.Deliveries.Add($"delivery-{FleetState.MostDeliveries}"), Is.False, "the newer ones are known");
        Assert.That(state.Deliveries.Add("delivery-0"), Is.True);
        state.Apply(Job(1, "o/a", "CI", "r"));
        Assert.That(state.Snapshot().Runners.Single().Jobs.Sum(), Is.EqualTo(1), "its job is remembered by itself");
    }

    [Test]
    public void Jobs_of_which_GitHub_never_tells_the_end_are_remembered_up_to_the_cap_and_the_rest_shows()
    {
        FleetState state = New(Rules);
        for (int i = 0; i < JobTable.Most + Beyond; i++)
        {
            Fact.Api job = Job(i, "o/a", "CI", "");
            state.Apply(new Fact.Api(job.Job with { Status = "queued", Result = null, Started = null, Completed = null }));
        }
        FleetSnapshot now = Restarted(state, Rules).Snapshot();
        Assert.That((now.Queued, now.Forgotten), Is.EqualTo(((long)JobTable.Most, (long)Beyond)));
    }

    private static FleetState New(FleetRules rules) => new(new FleetImage(), rules, new ManualTime(Story.Start));

    private static FleetState Restarted(FleetState state, FleetRules rules) => new(
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(state.Image(), FleetImageJson.Default.FleetImage), FleetImageJson.Default.FleetImage)!, rules, new ManualTime(Story.Start));

    private static Fact.Api Job(int number, string repository, string workflow, string runner) => new(new ApiJob
    {
        Id = number + 1,
        Identity = new JobIdentity { RunId = number + 1, Name = "build", Repository = repository, Workflow = workflow },
        Runner = runner,
        Status = "completed",
        Result = JobResult.Success,
        Created = Story.At(-30),
        Started = Story.At(-20),
        Completed = Story.At(0),
        Heard = Story.At(0),
    });
}
