using CiMetrics.GitHubRunner.State;

namespace CiMetrics.GitHubRunner.Tests.Rest;

/// <summary>A runner whose logs cannot be read: hooks tell which run its jobs are of, and GitHub tells the rest.</summary>
public sealed class HookedJobTests
{
    [Test]
    public async Task A_job_that_only_hooks_tell_of_is_asked_for_until_GitHub_knows_its_end()
    {
        ApiStory? asks = null;
        string status = "in_progress";
        await using ApiStory story = asks = new((_, _) => (200, $"{{\"jobs\": [{asks!.Job(5, 1, status)}, {asks.Job(5, 2, runner: "elsewhere", conclusion: "failure")}]}}"));
        story.Hook("started", 5);
        await story.WaitAsync(60);
        Assert.That((story.Server.Requests.Count, story.Now.Runners[0].IsBusy), Is.EqualTo((0, true)), "while it runs there is nothing to ask");
        story.Hook("completed", 5);
        await story.WaitAsync(4);
        Assert.That(story.Server.Requests, Is.Empty, "GitHub knows it after the hook");
        await story.WaitAsync(3);
        Assert.That((story.Server.Requests.Count, story.Jobs, story.Now.Questions), Is.EqualTo((1, 0L, 1L)));
        status = "completed";
        await story.WaitAsync(30);
        Assert.That(story.Server.Paths, Is.All.EqualTo("/repos/o/a/actions/runs/5/attempts/1/jobs?per_page=100&page=1"));
        RunnerSnapshot runner = story.Now.Runners.Single();
        Assert.That((story.Server.Requests.Count, runner.Jobs[(int)JobResult.Success], runner.Jobs.Sum(), story.Now.Questions, runner.IsBusy), Is.EqualTo((2, 1L, 1L, 0L, false)));
        Assert.That((runner.JobSeconds.Counts.Sum(), story.Now.Waits.Single().Seconds.Sum), Is.EqualTo((1L, 30.0)));
    }

    [Test]
    public async Task Jobs_of_one_run_that_come_one_after_the_other_are_each_counted_once()
    {
        ApiStory? asks = null;
        List<string> jobs = [];
        await using ApiStory story = asks = new((_, _) => (200, $"{{\"jobs\": [{string.Join(", ", jobs)}]}}"));
        for (int i = 1; i <= 5; i++)
        {
            story.Hook("started", 5);
            await story.WaitAsync(20);
            story.Hook("completed", 5);
            jobs.Add(story.Job(5, i, conclusion: i == 3 ? "failure" : "success"));
            await story.WaitAsync(20);
        }
        Assert.That((story.Now.Runners[0].Jobs[(int)JobResult.Success], story.Now.Runners[0].Jobs[(int)JobResult.Failed], story.Server.Requests.Count), Is.EqualTo((4L, 1L, 5)));
    }

    [Test]
    public async Task A_killed_worker_has_no_completed_hook_and_its_job_is_asked_for_when_the_next_one_begins()
    {
        ApiStory? asks = null;
        await using ApiStory story = asks = new((path, _) => (200, $"{{\"jobs\": [{(path.Contains("/5/", StringComparison.Ordinal) ? asks!.Job(5, 1, conclusion: "cancelled") : "")}]}}"));
        story.Hook("started", 5);
        await story.WaitAsync(30);
        story.Hook("started", 6);
        await story.WaitAsync(30);
        Assert.That((story.Now.Runners[0].Jobs[(int)JobResult.Cancelled], story.Server.Requests.Count), Is.EqualTo((1L, 1)));
    }

    [Test]
    public async Task What_the_log_tells_of_is_asked_for_once_also_with_hooks()
    {
        ApiStory? asks = null;
        await using ApiStory story = asks = new((_, _) => (200, $"{{\"jobs\": [{asks!.Job(5, 1)}]}}"));
        story.Hook("started", 5);
        story.Hook("completed", 5);
        story.Log(new JobIdentity { RunId = 5, Name = "build", Repository = "o/a" });
        await story.WaitAsync(60);
        Assert.That((story.Jobs, story.Server.Requests.Count), Is.EqualTo((1L, 1)));
    }

    [Test]
    public async Task What_a_webhook_tells_in_time_is_not_asked_for()
    {
        ApiStory? asks = null;
        await using ApiStory story = asks = new((_, _) => (200, $"{{\"jobs\": [{asks!.Job(6, 2)}]}}"), patience: TimeSpan.FromMinutes(1));
        foreach (int run in (int[])[5, 6])
        {
            story.Hook("started", run);
            story.Hook("completed", run);
        }
        story.Apply(new Fact.Api(new ApiJob
        {
            Id = 1,
            Identity = new JobIdentity { RunId = 5, Name = "build", Repository = "o/a" },
            Runner = ApiStory.Runner,
            Status = "completed",
            Result = JobResult.Failed,
            Heard = story.Time.GetUtcNow(),
        }));
        await story.WaitAsync(59);
        Assert.That(story.Server.Requests, Is.Empty);
        await story.WaitAsync(60);
        Assert.That(story.Server.Paths.Select(path => path.Split('/')[6]), Is.EqualTo(new[] { "6" }));
        Assert.That((story.Now.Runners[0].Jobs[(int)JobResult.Failed], story.Now.Runners[0].Jobs[(int)JobResult.Success]), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task A_hook_that_names_another_address_gets_no_token_and_one_that_names_ours_is_asked_for()
    {
        await using ApiStory story = new((_, _) => (200, """{"jobs": []}"""));
        story.Hook("started", 5, "https://ghe.example.com/api/v3");
        story.Hook("completed", 5, "https://ghe.example.com/api/v3");
        await story.WaitAsync(60);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((0, 0L)));
        story.Hook("started", 6, story.Server.Url.TrimEnd('/'));
        story.Hook("completed", 6, story.Server.Url.TrimEnd('/'));
        await story.WaitAsync(7);
        Assert.That(story.Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_run_that_GitHub_does_not_know_is_given_up()
    {
        await using ApiStory story = new((_, _) => (200, """{"jobs": []}"""));
        story.Hook("started", 5);
        story.Hook("completed", 5);
        await story.WaitAsync(6000);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((Questions.MostAsks, 0L)));
    }

    [Test]
    public async Task What_is_still_to_be_asked_survives_a_restart_and_there_is_a_limit_to_it()
    {
        await using ApiStory story = new((_, _) => (200, """{"jobs": []}"""));
        for (int run = 1; run <= HookedRuns.Most + 20; run++)
        {
            story.Hook("started", run);
            story.Hook("completed", run);
        }
        Assert.That((story.Now.Questions, story.Now.Forgotten), Is.EqualTo(((long)HookedRuns.Most, 20L)));
        byte[] kept = story.Monitor.Write(state => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(state.Image(), FleetImageJson.Default.FleetImage)).Result;
        FleetState after = new(System.Text.Json.JsonSerializer.Deserialize(kept, FleetImageJson.Default.FleetImage)!, story.Rules, story.Time);
        Assert.That(after.Snapshot().Questions, Is.EqualTo(HookedRuns.Most));
    }
}
