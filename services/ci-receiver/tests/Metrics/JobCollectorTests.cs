using CiMetrics.Exposition;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.Metrics;

[NonParallelizable]
public sealed class JobCollectorTests
{
    [Test]
    public void A_scrape_of_10_000_counters_allocates_about_what_one_of_10_does()
    {
        double few = Allocated(10);
        double many = Allocated(10_000);
        Assert.That(many - few, Is.LessThan(10_000 * 0.2), $"{few:n0} bytes for 10 counters, {many:n0} for 10,000");
    }

    [Test]
    public async Task With_zero_first_the_clock_decides_when_a_series_shows_its_value_for_all_scrapers_alike()
    {
        ManualTime time = new();
        JobLedger ledger = Ledger(1, time.GetUtcNow().ToUnixTimeMilliseconds());
        CollectorRegistry one = Registry(ledger, TimeSpan.FromSeconds(60), time);
        CollectorRegistry other = Registry(ledger, TimeSpan.FromSeconds(60), time);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.That(await TextAsync(one), Does.Contain("ci_job_0_total{project=\"p0\",status=\"success\"} 0\n").And.Contain("ci_job_0_duration_count{status=\"success\"} 0\n"));
        Assert.That(await TextAsync(one), Is.EqualTo(await TextAsync(other)), "not who scraped before");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await TextAsync(other), Does.Contain("ci_job_0_total{project=\"p0\",status=\"success\"} 1\n").And.Contain("ci_job_0_duration_count{status=\"success\"} 1\n"));
    }

    private static double Allocated(int counters)
    {
        const int Scrapes = 20;
        JobLedger ledger = Ledger(counters, 1);
        CollectorRegistry registry = Registry(ledger, TimeSpan.Zero, TimeProvider.System);
        for (int i = 0; i < 5; i++) Scrape(registry);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Scrapes; i++)
        {
            // Values change between scrapes, series do not.
            ledger.Apply([new CountedEvent("job_0", "job_0", "p0", "success", 5, null)], 2);
            Scrape(registry);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Scrapes;
    }

    private static void Scrape(CollectorRegistry registry)
    {
        // Nobody else scrapes, so it runs here: what it allocates is this thread's.
        ValueTask<Scrape> scrape = registry.ScrapeAsync(ScrapeFormat.Text);
        using Scrape done = scrape.IsCompletedSuccessfully ? scrape.Result : throw new AssertionException("the scrape waited");
    }

    private static JobLedger Ledger(int counters, long time)
    {
        JobLedger ledger = new(new LedgerLimits(100_000, 100_000, 100_000, 10, TimeSpan.FromDays(1)), new BucketBounds(60));
        for (int i = 0; i < counters; i++) ledger.Apply([new CountedEvent($"job_{i % 50}", $"job_{i % 50}", $"p{i / 50}", "success", 5, null)], time);
        return ledger;
    }

    private static CollectorRegistry Registry(JobLedger ledger, TimeSpan zeroFirst, TimeProvider time)
    {
        CollectorRegistry registry = new();
        registry.Register(new JobCollector(ledger.Read, ledger.Bounds, zeroFirst, time));
        return registry;
    }

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        return System.Text.Encoding.UTF8.GetString([.. scrape.Segments.SelectMany(segment => segment.ToArray())]);
    }
}
