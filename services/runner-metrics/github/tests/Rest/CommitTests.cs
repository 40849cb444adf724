using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Tests.Rest;

/// <summary>Lead times where no job message is read: the webhook tells of a deployment, and the API of its commit.</summary>
public sealed class CommitTests
{
    private static readonly FleetRules Rules = new() { Deployments = new DeploymentRule(new("^prod"), TextSet.Of("CD/ship"), IsOn: true) };

    [Test]
    public async Task The_commit_of_a_successful_deployment_is_asked_for_once_and_gives_its_lead_time()
    {
        await using ApiStory story = new((_, _) => (200, Run(Story.Start.AddMinutes(-30))), rules: Rules);
        Deployed(story, 9, JobResult.Success, "production");
        // Another job of the same run to another environment: the commit is the same.
        Deployed(story, 9, JobResult.Success, "prod-eu", id: 2);
        await story.WaitAsync(60);
        Assert.That(story.Server.Paths, Is.EqualTo(new[] { "/repos/o/a/actions/runs/9" }));
        foreach (DeploymentSeries series in story.Now.Deployments)
            Assert.That((series.Results[(int)JobResult.Success], series.LeadSeconds.Counts.Sum(), series.LeadSeconds.Sum), Is.EqualTo((1L, 1L, 1800.0)), series.Environment);
        Assert.That(story.Now.Questions, Is.Zero);
    }

    [TestCase(200, """{"id": 9, "head_commit": null}""")]
    [TestCase(200, """{"id": 9, "head_commit": {"timestamp": "yesterday"}}""")]
    [TestCase(200, "[]")]
    [TestCase(404, "")]
    public async Task What_cannot_be_known_stays_absent(int status, string body)
    {
        await using ApiStory story = new((_, _) => (status, body), rules: Rules);
        Deployed(story, 9, JobResult.Success, "production");
        await story.WaitAsync(600);
        Assert.That((story.Server.Requests.Count, story.Now.Deployments.Single().LeadSeconds.Counts.Sum(), story.Now.Deployments.Single().Results.Sum()), Is.EqualTo((1, 0L, 1L)));
    }

    [Test]
    public async Task A_commit_from_the_future_is_no_lead_time()
    {
        await using ApiStory story = new((_, _) => (200, Run(Story.Start.AddMinutes(30))), rules: Rules);
        Deployed(story, 9, JobResult.Success, "production");
        await story.WaitAsync(600);
        Assert.That((story.Server.Requests.Count, story.Now.Deployments.Single().LeadSeconds.Counts.Sum()), Is.EqualTo((1, 0L)));
    }

    [Test]
    public async Task No_commit_is_asked_for_that_no_lead_time_needs()
    {
        await using ApiStory story = new((_, _) => (200, "{}"), rules: Rules);
        Deployed(story, 1, JobResult.Failed, "production");
        Deployed(story, 2, JobResult.Cancelled, "production");
        Deployed(story, 3, JobResult.Success, "staging");
        Deployed(story, 4, JobResult.Success, null);
        story.Apply(new Fact.Api(Job(5, JobResult.Success, "production", 5) with { Status = "in_progress", Result = null, Completed = null }));
        // The job message of a push has it already.
        Deployed(story, 6, JobResult.Success, "production", committed: Story.Start.AddMinutes(-5));
        await story.WaitAsync(60);
        Assert.That(story.Server.Requests, Is.Empty);
        Assert.That(story.Now.Deployments.Single().LeadSeconds.Sum, Is.EqualTo(300));
    }

    [Test]
    public async Task A_job_that_is_named_counts_without_an_environment_and_has_a_lead_time()
    {
        await using ApiStory story = new((_, _) => (200, Run(Story.Start.AddHours(-2))), rules: Rules);
        story.Apply(new Fact.Api(Job(9, JobResult.Success, null, 9) with { Identity = new JobIdentity { RunId = 9, Name = "ship", Workflow = "CD", Repository = "o/a" } }));
        story.Apply(new Fact.Api(Job(8, JobResult.Success, null, 8) with { Identity = new JobIdentity { RunId = 8, Name = "build", Workflow = "CD", Repository = "o/a" } }));
        await story.WaitAsync(5);
        DeploymentSeries series = story.Now.Deployments.Single();
        Assert.That((series.Environment, series.Results.Sum(), series.LeadSeconds.Sum), Is.EqualTo(("production", 1L, 7200.0)));
    }

    [Test]
    public async Task What_the_log_tells_later_gives_no_second_lead_time()
    {
        await using ApiStory story = new((_, _) => (200, Run(Story.Start.AddMinutes(-30))), rules: Rules);
        Deployed(story, 9, JobResult.Success, "production");
        await story.WaitAsync(5);
        story.Log(new JobIdentity { RunId = 9, Name = "build", Repository = "o/a", Environment = "production", Committed = Story.Start.AddMinutes(-30) });
        await story.WaitAsync(60);
        DeploymentSeries series = story.Now.Deployments.Single();
        Assert.That((series.Results.Sum(), series.LeadSeconds.Counts.Sum(), story.Now.CountedTwice), Is.EqualTo((1L, 1L, 0L)));
    }

    private static string Run(DateTimeOffset committed) => $"{{\"id\": 9, \"head_commit\": {{\"id\": \"x\", \"timestamp\": \"{committed:O}\"}}}}";

    private static void Deployed(ApiStory story, long run, JobResult result, string? environment, long? id = null, DateTimeOffset? committed = null)
    {
        ApiJob job = Job(run, result, environment, id ?? (run * 10));
        story.Apply(new Fact.Api(job with { Identity = job.Identity with { Committed = committed } }));
    }

    private static ApiJob Job(long run, JobResult result, string? environment, long id) => new()
    {
        Id = id,
        Identity = new JobIdentity { RunId = run, Name = "build", Workflow = "CI", Repository = "o/a", Environment = environment },
        Runner = ApiStory.Runner,
        Status = "completed",
        Result = result,
        Created = Story.Start.AddSeconds(-90),
        Started = Story.Start.AddSeconds(-60),
        Completed = Story.Start,
        Heard = Story.Start,
    };
}
