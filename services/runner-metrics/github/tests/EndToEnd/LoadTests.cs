using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>Much at once: logs that are begun anew, and jobs that look the same.</summary>
[NonParallelizable]
public sealed class LoadTests
{
    [Test]
    public async Task Logs_that_are_begun_anew_at_eight_megabytes_are_read_byte_for_byte_while_they_are_written()
    {
        const int Jobs = 60;
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1");
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: false, "--runner-dir", runner.Folder);
        string noise = new('x', 180);
        using ListenerLog log = new(runner.Diag);
        DateTimeOffset at = Story.Start;
        log.Write(at, "Terminal", "WRITE LINE: Current runner version: '2.336.0'");
        for (int i = 0; i < Jobs; i++)
        {
            SimulatedJob job = new();
            log.Write(at, "JobDispatcher", $"Job request {i} for plan {Guid.NewGuid()} job {job.Id} received.");
            runner.StartWorker(job, at);
            // Some 500 KB for each job: a rotation falls between any two of its lines.
            for (int line = 0; line < 2000; line++)
            {
                log.Write(at, "BrokerServer", noise);
                if (line % 500 == 0) runner.Work(at, "StepsRunner", $"Processing step: DisplayName='{noise}'");
            }
            at = at.AddSeconds(10);
            runner.EndWorker(at, "Succeeded");
            log.Write(at, "JobDispatcher", $"finish job request for job {job.Id} with result: {(i % 4 == 0 ? "Failed" : "Succeeded")}");
            log.Write(at, "Terminal", $"WRITE LINE: {at.UtcDateTime:u}: Job build completed with result: Succeeded");
            at = at.AddSeconds(1);
        }
        Assert.That(log.Files, Is.GreaterThan(3));

        await exporter.UntilAsync("github_runner_jobs_total", Jobs);
        long bytes = Directory.GetFiles(runner.Diag, "*.log").Sum(path => new FileInfo(path).Length);
        await exporter.UntilAsync("github_runner_log_bytes_total", bytes);
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_jobs_total", ("status", "failed")), Is.EqualTo(Jobs / 4));
        Assert.That(scrape.Value("github_runner_job_duration_seconds_sum"), Is.EqualTo(10 * Jobs));
        Assert.That(scrape.Value("github_runner_log_lines_total"), Is.EqualTo(Directory.GetFiles(runner.Diag, "*.log").Sum(path => File.ReadLines(path).Count())));
        Assert.That((scrape.Value("github_runner_log_gaps_total"), scrape.Value("github_runner_log_lines_cut_total"), scrape.Value("github_runner_starts_total")), Is.EqualTo((0, 0, 1)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Jobs_of_one_name_at_one_time_on_two_runners_are_told_apart(bool hasCheckRun)
    {
        using TempFolder folder = new();
        SimulatedRunner[] runners = [new(folder.PathOf("runners", "a"), "alpha"), new(folder.PathOf("runners", "b"), "beta")];
        DateTimeOffset now = DateTimeOffset.UtcNow.AddSeconds(-60);
        SimulatedJob[] jobs = [.. runners.Select(_ => new SimulatedJob { Name = "build", RunId = 5, HasCheckRun = hasCheckRun })];
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: true, "--runner-dir", folder.PathOf("runners", "*"));
        foreach (SimulatedJob job in jobs) await exporter.DeliverAsync(Payload.Of(job, "queued", created: now.AddSeconds(-9)));
        for (int i = 0; i < 2; i++)
        {
            runners[i].Start(now);
            runners[i].Begin(jobs[i], now);
            await exporter.DeliverAsync(Payload.Of(jobs[i], "in_progress", runners[i].Name, created: now.AddSeconds(-9), started: now));
        }
        // What is told last is about the one that ended first.
        runners[1].End(jobs[1], now.AddSeconds(20), "Failed");
        runners[0].End(jobs[0], now.AddSeconds(30));
        await exporter.DeliverAsync(Payload.Of(jobs[0], "completed", "alpha", "success", now.AddSeconds(-9), now, now.AddSeconds(30)));
        await exporter.DeliverAsync(Payload.Of(jobs[1], "completed", "beta", "failure", now.AddSeconds(-9), now, now.AddSeconds(20)));
        await exporter.UntilAsync("github_runner_jobs_total", 2);
        ScrapedText scrape = await exporter.ScrapeAsync();
        foreach ((string name, string status, double seconds) in ((string, string, double)[])[("alpha", "success", 30), ("beta", "failed", 20)])
        {
            Assert.That(scrape.Value("github_runner_jobs_total", ("runner_name", name), ("status", status)), Is.EqualTo(1), name);
            Assert.That(scrape.Value("github_runner_job_duration_seconds_sum", ("runner_name", name)), Is.EqualTo(seconds), name);
            Assert.That(scrape.Value("github_runner_queue_time_seconds_count", ("runner_name", name), ("source", "queued_event")), Is.EqualTo(1), name);
        }
        Assert.That((scrape.Value("github_runner_result_disagreements_total"), scrape.Value("github_runner_jobs_counted_twice_total"), scrape.Value("github_runner_queued_jobs")), Is.EqualTo((0, 0, 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Jobs_of_one_name_one_after_the_other_on_one_runner_are_each_counted_once(bool hasCheckRun)
    {
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("runner"), "alpha");
        DateTimeOffset now = DateTimeOffset.UtcNow.AddHours(-1);
        await using ExporterProcess exporter = await ExporterProcess.StartAsync(folder, hasWebhook: true, "--runner-dir", runner.Folder);
        runner.Start(now);
        for (int i = 0; i < 8; i++)
        {
            SimulatedJob job = new() { Name = "build", RunId = 5, HasCheckRun = hasCheckRun };
            (DateTimeOffset from, DateTimeOffset to) = (now.AddSeconds(i * 100), now.AddSeconds((i * 100) + 60));
            string completed = Payload.Of(job, "completed", "alpha", "success", from.AddSeconds(-5), from, to);
            if (i % 2 == 0) await exporter.DeliverAsync(completed);
            runner.Run(job, from, to);
            await exporter.UntilAsync("github_runner_job_duration_seconds_count", i + 1);
            if (i % 2 == 1) await exporter.DeliverAsync(completed);
        }
        ScrapedText scrape = await exporter.ScrapeAsync();
        Assert.That(scrape.Value("github_runner_jobs_total", ("status", "success")), Is.EqualTo(8));
        Assert.That(scrape.Value("github_runner_job_duration_seconds_sum"), Is.EqualTo(8 * 60));
        Assert.That(scrape.All("github_runner_queue_time_seconds_count").Sum(sample => sample.Value), Is.EqualTo(8));
        Assert.That((scrape.Value("github_runner_result_disagreements_total"), scrape.Value("github_runner_jobs_counted_twice_total")), Is.EqualTo((0, 0)));
    }
}
