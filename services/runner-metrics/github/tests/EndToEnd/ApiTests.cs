using CiMetrics.GitHubRunner.Hooks;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>GitHub's API where no webhook tells of jobs, played by a server on loopback.</summary>
[NonParallelizable]
public sealed class ApiTests
{
    [Test]
    public async Task A_finished_job_is_asked_about_once_and_its_wait_is_known_then()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SimulatedJob job = new(), other = new() { RunId = 5, Name = "other" };
        string answer = $$"""{"jobs": [{{Payload.Job(job, "completed", "r", "success", now.AddSeconds(-40), now.AddSeconds(-20), now)}}, {{Payload.Job(other, "completed", "elsewhere", "failure", now, now, now)}}]}""";
        await using FakeGitHub api = new((_, _) => (200, answer));
        await using ExporterProcess exporter = await StartAsync(folder, runner, api);
        runner.Start(now.AddSeconds(-60));
        runner.Run(job, now.AddSeconds(-20), now);
        await exporter.UntilAsync("github_runner_queue_time_seconds_count", 1);
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_queue_time_seconds_sum", ("source", "created_at")), Is.EqualTo(20));
        Assert.That(scrape.All("github_runner_jobs_total").Sum(sample => sample.Value), Is.EqualTo(1));
        await Task.Delay(2500);
        Assert.That(api.Paths, Is.EqualTo(new[] { $"/repos/octo/app/actions/runs/{job.RunId}/attempts/1/jobs?per_page=100&page=1" }));
        Assert.That(api.Requests[0].Headers["Authorization"], Is.EqualTo("Bearer token-1"));
        Assert.That(string.Join('\n', exporter.Log) + scrape.Text, Does.Not.Contain("token-1"));
    }

    [Test]
    public async Task Where_GitHub_asks_for_a_pause_no_more_calls_are_made_and_jobs_are_counted_all_the_same()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        await using FakeGitHub api = new((_, headers) =>
        {
            headers["Retry-After"] = "3600";
            return (429, "{}");
        });
        await using ExporterProcess exporter = await StartAsync(folder, runner, api);
        runner.Start(DateTimeOffset.UtcNow);
        for (int i = 0; i < 5; i++) runner.Run(new SimulatedJob(), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow);
        await exporter.UntilAsync("github_runner_api_calls_total", 1, ("result", "limited"));
        await Task.Delay(2500);
        Assert.That(api.Requests, Has.Count.EqualTo(1));
        Assert.That((await exporter.ScrapeAsync()).Value("github_runner_jobs_total", ("status", "success")), Is.EqualTo(5));
    }

    [Test]
    public async Task A_runner_whose_logs_cannot_be_read_is_counted_by_its_hooks_and_the_API()
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("r"), "r");
        HookInstaller.Install(runner.Folder);
        // Not there at all: the exporter's container has only the hooks' folder.
        Directory.Delete(runner.Diag, recursive: true);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SimulatedJob job = new();
        await using FakeGitHub api = new((_, _) => (200, $$"""{"jobs": [{{Payload.Job(job, "completed", "r", "failure", now.AddSeconds(-50), now.AddSeconds(-40), now)}}]}"""));
        await using ExporterProcess exporter = await StartAsync(folder, runner, api);
        foreach (string name in (string[])["started", "completed"])
        {
            await ServiceProcess.RunAsync("/bin/bash", ["-e", HookScripts.PathOf(runner.Folder, name)], new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["GITHUB_REPOSITORY"] = job.Repository,
                ["GITHUB_RUN_ID"] = $"{job.RunId}",
                ["GITHUB_RUN_ATTEMPT"] = "1",
                ["GITHUB_JOB"] = "build",
                ["GITHUB_API_URL"] = api.Url.TrimEnd('/'),
            });
        }
        await exporter.UntilAsync("github_runner_jobs_total", 1, ("status", "failed"));
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_job_duration_seconds_sum"), Is.EqualTo(40));
        Assert.That(scrape.Value("github_runner_queue_time_seconds_sum", ("source", "created_at")), Is.EqualTo(10));
        Assert.That((scrape.Value("github_runner_log_up"), scrape.Value("github_runner_api_questions")), Is.EqualTo((0, 0)));
        Assert.That(api.Paths, Is.EqualTo(new[] { $"/repos/octo/app/actions/runs/{job.RunId}/attempts/1/jobs?per_page=100&page=1" }));
        Assert.That(scrape.Text, Does.Not.Contain("octo/app").And.Not.Contain($"{job.RunId}"), "no label carries them");
    }

    [Test]
    public async Task The_central_receiver_has_lead_times_by_the_API_and_counts_the_jobs_that_are_named()
    {
        using TempFolder folder = new();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await using FakeGitHub api = new((_, _) => (200, $"{{\"head_commit\": {{\"timestamp\": \"{now.AddMinutes(-50):yyyy-MM-dd'T'HH:mm:ss'Z'}\"}}}}"));
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(
            folder, hasWebhook: true, "--github-token-file", folder.Write("token", "token-1\n"), "--github-api-url", api.Url, "--github-api-patience=0s", "--deployment-job=CD/ship");
        SimulatedJob ship = new() { Name = "ship", Workflow = "CD" }, build = new() { Name = "build", Workflow = "CD" }, other = new() { Name = "ship", Workflow = "CI" };
        foreach (SimulatedJob job in (SimulatedJob[])[ship, build, other])
            Assert.That(await exporter.DeliverAsync(Payload.Of(job, "completed", "far-away", "success", now.AddSeconds(-30), now.AddSeconds(-20), now)), Is.EqualTo(202));
        await exporter.UntilAsync("github_runner_deployment_lead_time_seconds_count", 1);
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_deployment_lead_time_seconds_sum", ("repository", "octo/app"), ("environment", "production")), Is.EqualTo(3000).Within(1));
        Assert.That(scrape.All("github_runner_deployments_total").Sum(sample => sample.Value), Is.EqualTo(1), "a job of another name, or of another workflow, is none");
        Assert.That(api.Paths, Is.EqualTo(new[] { $"/repos/octo/app/actions/runs/{ship.RunId}" }));
    }

    private static Task<ExporterProcess> StartAsync(TempFolder folder, SimulatedRunner runner, FakeGitHub api) => ExporterProcess.StartAsync(
        folder, hasWebhook: false, "--runner-dir", runner.Folder, "--github-token-file", folder.Write("token", "token-1\n"), "--github-api-url", api.Url);
}
