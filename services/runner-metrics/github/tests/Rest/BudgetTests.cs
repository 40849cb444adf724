using System.Net;
using CiMetrics.GitHubRunner.Rest;
using CiMetrics.GitHubRunner.State;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Rest;

/// <summary>The calls that are made: no more than may be, none while GitHub asks for a pause, and those that GitHub understands.</summary>
public sealed class BudgetTests
{
    private const string NoJobs = """{"jobs": []}""";

    [Test]
    public async Task A_call_is_one_that_GitHub_understands()
    {
        await using ApiStory story = new((_, _) => (200, NoJobs));
        long run = story.Log().RunId;
        story.Log(new() { RunId = 7, Attempt = 3, Name = "x", Repository = "../o?/a b" });
        await story.WaitAsync(3);
        Assert.That(story.Server.Paths, Is.EqualTo(new[]
        {
            $"/repos/o/a/actions/runs/{run}/attempts/1/jobs?per_page=100&page=1", "/repos/_/o%3F/a%20b/actions/runs/7/attempts/3/jobs?per_page=100&page=1",
        }), "a repository's name comes from a log, and leads nowhere else");
        WebHeaderCollection headers = story.Server.Requests[0].Headers;
        Assert.That(
            (story.Server.Requests[0].Method, headers["Authorization"], headers["Accept"], headers["User-Agent"], headers["X-GitHub-Api-Version"]),
            Is.EqualTo(("GET", "Bearer token-1", "application/vnd.github+json", "github-runner-metrics", "2022-11-28")));
    }

    [Test]
    public async Task No_more_calls_are_made_in_an_hour_than_were_given_and_what_waits_shows()
    {
        await using ApiStory story = new((_, _) => (200, NoJobs), callsPerHour: 30);
        for (int i = 0; i < 10; i++) story.Log();
        await story.WaitAsync(10);
        Assert.That((story.Server.Requests.Count, story.Now.Questions, story.Jobs), Is.EqualTo((1, 9L, 10L)), "jobs are counted all the same");
        await story.WaitAsync(115);
        Assert.That(story.Server.Requests, Has.Count.EqualTo(2), "the second one after two minutes");
        await story.WaitAsync(18 * 60);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((10, 0L)));
        Assert.That(story.Server.Paths, Is.Unique);
    }

    // In seconds: how long nothing is asked.
    [TestCase(403, "X-RateLimit-Remaining=0;X-RateLimit-Reset=1795170000", "", 1199, TestName = "The hour's calls are used up")]
    [TestCase(429, "Retry-After=300", "", 300, TestName = "Too many requests")]
    [TestCase(403, "Retry-After=90", "", 90, TestName = "A secondary limit with its pause")]
    [TestCase(403, "Retry-After=Fri, 20 Nov 2026 10:05:00 GMT", "", 299, TestName = "A pause until a moment")]
    [TestCase(403, "X-RateLimit-Remaining=4321", """{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}""", 60, TestName = "A secondary limit without a pause")]
    [TestCase(429, "", "", 60, TestName = "Too many requests without a pause")]
    [TestCase(429, "Retry-After=999999", "", 3600, TestName = "A pause is an hour at most")]
    public async Task After_a_limit_nothing_is_asked_until_it_is_over(int status, string headers, string body, int pause)
    {
        bool isLimited = true;
        await using ApiStory story = new((_, answer) =>
        {
            if (!isLimited) return (200, NoJobs);
            foreach (string header in headers.Split(';', StringSplitOptions.RemoveEmptyEntries)) answer[header.Split('=')[0]] = header.Split('=')[1];
            return (status, body);
        });
        story.Log();
        story.Log();
        await story.WaitAsync(1);
        Assert.That(story.Server.Requests, Has.Count.EqualTo(1));
        await story.WaitAsync(pause - 1);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((1, 2L)), "nothing before its time, and nothing is given up");
        isLimited = false;
        await story.WaitAsync(3);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((3, 0L)));
    }

    [Test]
    public async Task After_the_last_call_that_is_left_the_reset_is_waited_for()
    {
        await using ApiStory story = new((_, answer) =>
        {
            (answer["X-RateLimit-Remaining"], answer["X-RateLimit-Reset"]) = ("0", $"{Story.Start.ToUnixTimeSeconds() + 600}");
            return (200, NoJobs);
        });
        story.Log();
        story.Log();
        await story.WaitAsync(599);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((1, 1L)), "the first one was answered");
        await story.WaitAsync(2);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((2, 0L)));
    }

    [TestCase(404)]
    [TestCase(403)]
    [TestCase(301)]
    public async Task What_is_refused_is_not_asked_again_and_holds_nothing_up(int status)
    {
        await using ApiStory story = new((path, _) => path.Contains("/o/gone/", StringComparison.Ordinal) ? (status, """{"message": "Resource not accessible by personal access token"}""") : (200, NoJobs));
        story.Log(new() { RunId = 1, Name = "x", Repository = "o/gone" });
        long run = story.Log().RunId;
        await story.WaitAsync(300);
        Assert.That(story.Server.Paths.Select(path => path.Split('/')[^4]), Is.EqualTo(new[] { "1", $"{run}" }));
    }

    [Test]
    public async Task A_token_that_is_not_accepted_is_tried_again_once_a_minute_until_it_is()
    {
        bool isAccepted = false;
        await using ApiStory story = new((_, _) => isAccepted ? (200, NoJobs) : (401, "{}"));
        for (int i = 0; i < 3; i++) story.Log();
        await story.WaitAsync(61);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((2, 3L)));
        isAccepted = true;
        await story.WaitAsync(300);
        Assert.That((story.Server.Requests.Count, story.Now.Questions), Is.EqualTo((5, 0L)));
    }

    [Test]
    public async Task What_fails_is_asked_again_later_each_time_holds_nothing_up_and_is_given_up_in_the_end()
    {
        await using ApiStory story = new((path, _) => path.Contains("/o/broken/", StringComparison.Ordinal) ? (502, "") : (200, NoJobs));
        story.Log(new() { RunId = 1, Name = "x", Repository = "o/broken" });
        long other = story.Log().RunId;
        await story.WaitAsync(3);
        Assert.That(story.Server.Paths.Count(path => path.Contains($"/{other}/", StringComparison.Ordinal)), Is.EqualTo(1));
        await story.WaitAsync(8000);
        Assert.That((story.Server.Requests.Count, story.Now.Questions, story.Jobs), Is.EqualTo((Questions.MostAsks + 1, 0L, 2L)));
    }

    [Test]
    public async Task Answers_that_are_no_answers_count_nothing()
    {
        string[] bodies = ["", "[", "[]", "{}", """{"jobs": 5}""", """{"jobs": [5, {}, {"id": "x"}, {"id": 1, "run_id": 1, "status": "strange"}]}""", """{"jobs": null}"""];
        int next = 0;
        await using ApiStory story = new((_, _) => (200, bodies[Math.Min(next++, bodies.Length - 1)]));
        for (int i = 0; i < bodies.Length; i++) story.Log();
        await story.WaitAsync(600);
        Assert.That((story.Jobs, story.Now.Questions, story.Now.Waits.Count), Is.EqualTo(((long)bodies.Length, 0L, 0)));
    }

    [Test]
    public async Task A_run_with_many_jobs_is_asked_for_page_by_page()
    {
        ApiStory? asks = null;
        await using ApiStory story = asks = new((path, _) =>
        {
            int page = int.Parse(path.Split("&page=")[1], System.Globalization.CultureInfo.InvariantCulture);
            long run = long.Parse(path.Split('/')[6], System.Globalization.CultureInfo.InvariantCulture);
            IEnumerable<string> others = Enumerable.Range(0, page < 3 ? 100 : 4).Select(number => asks!.Job(run, (1000 * page) + number, runner: "elsewhere"));
            return (200, $"{{\"jobs\": [{string.Join(", ", page == 3 ? [.. others, asks!.Job(run, 1)] : others)}]}}");
        });
        story.Log();
        await story.WaitAsync(3);
        Assert.That(story.Server.Paths.Select(path => path[^1]), Is.EqualTo("123"));
        Assert.That((story.Jobs, story.Now.Waits.Single().Seconds.Sum, story.Now.CountedTwice), Is.EqualTo((1L, 30.0, 0L)));
    }

    [Test]
    public void The_budget_gives_an_hours_calls_evenly_and_a_shorter_pause_ends_no_longer_one()
    {
        ManualTime time = new(Story.Start);
        CallBudget budget = new(600, time);
        int made = 0;
        for (int second = 0; second < 3600; second++)
        {
            while (budget.TryTake()) made++;
            time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.That(made, Is.InRange(600, 610), "an hour's, and the minute's that were there at the start");
        budget.Pause(TimeSpan.FromMinutes(10));
        budget.Pause(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.That(budget.TryTake(), Is.False);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(budget.TryTake(), Is.True);
    }
}
