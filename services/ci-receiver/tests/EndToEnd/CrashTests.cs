using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>SIGKILL at random moments under load: every event is counted exactly once.</summary>
[NonParallelizable]
public sealed class CrashTests
{
    private const int Clients = 12;

    [Test]
    public Task Killed_five_times_under_load_every_event_is_counted_exactly_once() => RunAsync(kills: 5);

    [Test]
    [Category("Stress")]
    public Task Killed_fifty_times_under_load_every_event_is_counted_exactly_once() => RunAsync(kills: 50);

    /// <summary>Compares the counters and histograms of a scrape with what was sent.</summary>
    internal static void Check(CrashLoad load, ScrapedText scrape)
    {
        foreach (((string name, string project, string status), long expected) in load.Expected())
            Assert.That(scrape.Value($"ci_{name}_total", ("project", project), ("status", status)), Is.EqualTo(expected), $"{name} {project} {status}");
        double total = scrape.Samples.Where(sample => sample.Name.StartsWith("ci_job_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal)).Sum(sample => sample.Value);
        Assert.That(total, Is.EqualTo(load.Answered.Count), "nothing else was counted");
        foreach (IGrouping<(string Name, string Status), JobToSend> group in load.Answered.GroupBy(job => (job.Name, job.Status)))
        {
            Assert.That(scrape.Value($"ci_{group.Key.Name}_duration_count", ("status", group.Key.Status)), Is.EqualTo(group.Count()));
            Assert.That(scrape.Value($"ci_{group.Key.Name}_duration_sum", ("status", group.Key.Status)), Is.EqualTo(group.Sum(job => (double)job.Seconds)));
            Assert.That(
                scrape.Value($"ci_{group.Key.Name}_duration_bucket", ("status", group.Key.Status), ("le", "300")),
                Is.EqualTo(group.Count(job => job.Seconds <= 300)));
        }
    }

    private static async Task RunAsync(int kills)
    {
        Random random = Seed.Random(out _);
        using TempFolder folder = new();
        int port = FreePort.Next();
        // Snapshots all the time, so that some kills hit one.
        string[] arguments = ["--data-dir", folder.PathOf("data"), "--journal-max-bytes=65536"];
        ReceiverProcess receiver = await ReceiverProcess.StartOnAsync(port, arguments);
        try
        {
            using CrashLoad load = new([receiver.Url("/steps")], random);
            using CancellationTokenSource stop = new();
            Task sending = load.RunAsync(Clients, stop.Token);
            for (int kill = 0; kill < kills; kill++)
            {
                await Task.Delay(random.Next(100, 1000));
                receiver.Signal(Signals.Kill);
                await receiver.WaitForExitAsync();
                await receiver.DisposeAsync();
                receiver = await ReceiverProcess.StartOnAsync(port, arguments);
            }

            await stop.CancelAsync();
            await sending;
            await TestContext.Out.WriteLineAsync($"{load.Answered.Count} keys, answered counted {load.Counted} and duplicate {load.Duplicates} times");
            Check(load, await receiver.ScrapeAsync());
            Assert.That(load.Answered, Has.Count.GreaterThan(kills * 20));

            // What a start reads is what was served.
            receiver.Signal(Signals.Terminate);
            Assert.That(await receiver.WaitForExitAsync(), Is.Zero);
            await receiver.DisposeAsync();
            receiver = await ReceiverProcess.StartOnAsync(port, arguments);
            Check(load, await receiver.ScrapeAsync());
        }
        finally
        {
            await receiver.DisposeAsync();
        }
    }
}
