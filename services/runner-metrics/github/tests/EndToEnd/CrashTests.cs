using CiMetrics.GitHubRunner.Hooks;
using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>SIGKILL at random moments while logs, hooks and webhooks come in: the totals are exact.</summary>
[NonParallelizable]
public sealed class CrashTests
{
    private static readonly (string Log, string Api, string Status)[] Results =
        [("Succeeded", "success", "success"), ("Failed", "failure", "failed"), ("Canceled", "cancelled", "cancelled")];

    [Test]
    public Task Killed_six_times_every_job_is_counted_once() => RunAsync(kills: 6);

    [Test]
    [Category("Stress")]
    public Task Killed_sixty_times_every_job_is_counted_once() => RunAsync(kills: 60);

    private static async Task RunAsync(int kills)
    {
        Random random = Seed.Random(out _);
        using TempFolder folder = new();
        SimulatedRunner runner = new(folder.PathOf("runner"), "runner-1", largestLog: 20_000);
        HookInstaller.Install(runner.Folder);
        runner.Start(DateTimeOffset.UtcNow);
        Dictionary<string, long> expected = Results.ToDictionary(each => each.Status, _ => 0L, StringComparer.Ordinal);
        int jobs = 0, queued = 0;
        ExporterProcess exporter = await StartAsync();
        try
        {
            for (int kill = 0; kill < kills; kill++)
            {
                using CancellationTokenSource stop = new();
                Task work = WorkAsync(() => exporter, stop.Token);
                await Task.Delay(random.Next(50, 1500));
                exporter.Signal(Signals.Kill);
                await exporter.WaitForExitAsync();
                await exporter.DisposeAsync();
                exporter = await StartAsync();
                await stop.CancelAsync();
                await work;
            }
            await exporter.UntilAsync("github_runner_jobs_total", jobs);
            await exporter.UntilAsync("github_runner_hook_events_total", 2 * jobs);
            ScrapedText scrape = await exporter.ScrapeAsync();
            foreach ((string status, long count) in expected) Assert.That(scrape.Value("github_runner_jobs_total", ("status", status)), Is.EqualTo(count), status);
            Assert.That(scrape.All("github_runner_queue_time_seconds_count").Sum(sample => sample.Value), Is.EqualTo(queued));
            Assert.That(scrape.Value("github_runner_job_duration_seconds_count"), Is.EqualTo(jobs));
            Assert.That(scrape.Value("github_runner_result_disagreements_total") + scrape.Value("github_runner_jobs_counted_twice_total"), Is.Zero);
            Assert.That(Directory.GetFiles(HookScripts.SpoolOf(runner.Folder)), Is.Empty);
            await TestContext.Out.WriteLineAsync($"{jobs} jobs, {queued} of them by webhook");
            Assert.That(jobs, Is.GreaterThan(kills));
        }
        finally
        {
            await exporter.DisposeAsync();
        }

        Task<ExporterProcess> StartAsync() => ExporterProcess.StartAsync(folder, hasWebhook: true, "--runner-dir", runner.Folder);

        // One job after the other, as a runner has them, all through the crashes.
        async Task WorkAsync(Func<ExporterProcess> present, CancellationToken stopping)
        {
            do
            {
                SimulatedJob job = new() { Name = $"job {jobs}", HasCheckRun = random.Next(2) == 0 };
                (string log, string api, string status) = Results[random.Next(Results.Length)];
                DateTimeOffset now = DateTimeOffset.UtcNow;
                bool isTold = random.Next(2) == 0;
                runner.Begin(job, now);
                Hook("started");
                if (isTold)
                {
                    queued++;
                    await DeliverAsync(present, Payload.Of(job, "queued", created: now.AddSeconds(-5)));
                    await DeliverAsync(present, Payload.Of(job, "in_progress", runner.Name, created: now.AddSeconds(-5), started: now));
                }
                if (isTold && random.Next(2) == 0) await DeliverAsync(present, Payload.Of(job, "completed", runner.Name, api, now.AddSeconds(-5), now, now));
                runner.End(job, DateTimeOffset.UtcNow, log);
                Hook("completed");
                jobs++;
                expected[status]++;
                await Task.Delay(random.Next(1, 20), CancellationToken.None);
            }
            while (!stopping.IsCancellationRequested);
        }

        void Hook(string name)
        {
            string path = Path.Combine(HookScripts.SpoolOf(runner.Folder), $".{Guid.NewGuid()}.tmp");
            File.WriteAllText(path, $"event={name}\ntime={DateTimeOffset.UtcNow.ToUnixTimeSeconds()}\nrun_id=1\nrun_attempt=1\n");
            File.Move(path, Path.Combine(HookScripts.SpoolOf(runner.Folder), $"{Guid.NewGuid()}{HookScripts.EventSuffix}"));
        }
    }

    // What was not answered is delivered again, under the same id.
    private static async Task DeliverAsync(Func<ExporterProcess> present, string body)
    {
        string delivery = Guid.NewGuid().ToString();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await present().DeliverAsync(body, delivery) is 200 or 202;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }, "a delivery to be taken");
    }
}
