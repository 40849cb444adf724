using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>Ours is killed at random moments while the log is written and rotated: the totals come out exactly.</summary>
public sealed class CrashTests
{
    [Test]
    public Task Five_kills_lose_nothing_and_count_nothing_twice() => RunAsync(5);

    [Test]
    [Category("Stress")]
    public Task Fifty_kills_lose_nothing_and_count_nothing_twice() => RunAsync(50);

    private static async Task RunAsync(int kills)
    {
        Random random = Seed.Random(out _);
        using TempFolder folder = new();
        string log = folder.Write("runner.log", "Starting multi-runner from x ...  builds=0\n");
        int jobs = 0, failed = 0, running = 0;
        double highest = 0;
        for (int kill = 0; kill <= kills; kill++)
        {
            await using Observer observer = await Observer.StartAsync(folder);
            if (kill == kills) break;
            for (int burst = random.Next(1, 6); burst > 0; burst--)
            {
                for (int i = random.Next(1, 200); i > 0; i--) Write();
                if (random.Next(3) == 0) Rotate();
                await Task.Delay(random.Next(300));
                if (random.Next(3) != 0) continue;
                // What was shown before is never taken back.
                double shown = (await observer.ScrapeAsync()).All("runner_jobs_started_total").Sum(sample => sample.Value);
                Assert.That(shown, Is.GreaterThanOrEqualTo(highest));
                highest = shown;
            }
            observer.Process.Signal(Signals.Kill);
            await observer.Process.WaitForExitAsync();
            // The runner goes on meanwhile.
            for (int i = random.Next(50); i > 0; i--) Write();
            if (random.Next(4) == 0) Rotate();
        }

        await using Observer last = await Observer.StartAsync(folder);
        ScrapedText scrape = await last.ScrapeUntilAsync(text => text.Value("runner_log_lag_bytes") == 0, "everything to be read");
        Assert.That(scrape.All("runner_jobs_started_total").Sum(sample => sample.Value), Is.EqualTo(jobs));
        Assert.That(scrape.All("runner_jobs_finished_total").Sum(sample => sample.Value), Is.EqualTo(jobs - running));
        Assert.That(scrape.Value("runner_jobs_finished_total", ("result", "script_failure")) ?? 0, Is.EqualTo(failed));
        Assert.That(scrape.Value("runner_log_messages_total", ("level", "warning")), Is.EqualTo(failed));
        Assert.That(scrape.All("ci_runner_builds").Sum(sample => sample.Value), Is.EqualTo(running));
        Assert.That((scrape.Value("runner_log_gaps_total"), scrape.Value("runner_log_lines_unparsed_total")), Is.EqualTo((0d, 0d)));

        void Write()
        {
            if (running > 0 && random.Next(2) == 0)
            {
                int job = jobs - running-- + 1;
                bool isFailure = random.Next(3) == 0;
                failed += isFailure ? 1 : 0;
                Append($"{(isFailure ? "WARNING: Job failed: exit status 1                  " : "Job succeeded                                       ")}job={job} project=1 runner=t");
            }
            else
            {
                running++;
                Append(string.Create(CultureInfo.InvariantCulture, $"Checking for jobs... received                       job={++jobs} repo_url=http://ci/x.git runner=t"));
            }
        }

        void Append(string line) => File.AppendAllText(log, line + "\n");

        void Rotate()
        {
            for (int i = 300; i >= 1; i--)
            {
                if (File.Exists($"{log}.{i}")) File.Move($"{log}.{i}", $"{log}.{i + 1}");
            }
            File.Move(log, log + ".1");
            Append("Appending trace to coordinator...ok                 code=202 job=1 runner=t");
        }
    }
}
