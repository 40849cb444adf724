using System.IO.Pipelines;

namespace CiMetrics.Exposition.Tests;

public sealed class ScrapeTests
{
    [Test]
    public async Task A_gzip_body_is_the_same_body()
    {
        CollectorRegistry registry = Many(3_000, out _);
        using Scrape gzip = await registry.ScrapeAsync(new ScrapeFormat(OpenMetrics: false, Gzip: true));
        Assert.That(gzip.ContentEncoding, Is.EqualTo("gzip"));
        Assert.That(gzip.Length, Is.EqualTo(gzip.Bytes().Length));
        Assert.That(Body.Decode(gzip), Is.EqualTo(await registry.TextAsync()));
    }

    [TestCase(10)]
    [TestCase(3_000)]
    public async Task The_body_is_copied_whole_to_a_pipe(int series)
    {
        CollectorRegistry registry = Many(series, out _);
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        using var sent = new MemoryStream();
        PipeWriter pipe = PipeWriter.Create(sent);
        await scrape.CopyToAsync(pipe);
        Assert.That(sent.ToArray(), Is.EqualTo(scrape.Bytes()));
        Assert.That(sent.Length, Is.EqualTo(scrape.Length));
    }

    [Test]
    public async Task Copying_stops_when_it_is_cancelled()
    {
        CollectorRegistry registry = Many(3_000, out _);
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2, resumeWriterThreshold: 1));
        using var cancellation = new CancellationTokenSource();
        Task copying = scrape.CopyToAsync(pipe.Writer, cancellation.Token);
        Assert.That(copying.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        Assert.That(async () => await copying, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_disposed_scrape_says_so()
    {
        Scrape scrape = await Many(1, out _).ScrapeAsync(ScrapeFormat.Text);
        scrape.Dispose();
        scrape.Dispose();
        Assert.That(() => scrape.Length, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_body_that_is_held_is_not_overwritten_by_later_scrapes()
    {
        CollectorRegistry registry = Many(2_000, out Gauge gauge);
        using Scrape held = await registry.ScrapeAsync(ScrapeFormat.Text);
        string before = Body.Decode(held);
        for (int i = 0; i < 10; i++)
        {
            gauge.WithLabels("0").Set(i);
            (await registry.ScrapeAsync(ScrapeFormat.Text)).Dispose();
        }

        Assert.That(Body.Decode(held), Is.EqualTo(before));
    }

    [Test]
    public async Task Scrapes_in_parallel_with_updates_series_coming_and_going_are_each_whole()
    {
        Random random = CiMetrics.Testing.Seed.Random(out _);
        CollectorRegistry registry = Many(500, out Gauge gauge);
        Histogram histogram = registry.Factory().CreateHistogram("h", "H.", [1, 2, 3], "id");
        Histogram.Child[] children = [.. Enumerable.Range(0, 20).Select(i => histogram.WithLabels($"{i}"))];
        using var stop = new CancellationTokenSource();
        Task[] updates = [.. Enumerable.Range(0, 2).Select(seed => Task.Run(() => Update(new Random(seed))))];
        ScrapeFormat[] formats = [ScrapeFormat.Text, new(OpenMetrics: false, Gzip: true), Body.OpenMetrics, new(OpenMetrics: true, Gzip: true)];
        await Task.WhenAll(formats.Select(format => Task.Run(() => ScrapeAsync(format))));
        await stop.CancelAsync();
        await Task.WhenAll(updates);

        void Update(Random own)
        {
            while (!stop.IsCancellationRequested)
            {
                children[own.Next(children.Length)].Observe(own.Next(5));
                gauge.WithLabels($"{own.Next(600)}").Set(own.NextDouble());
                gauge.RemoveLabelled($"{own.Next(600)}");
            }
        }

        async Task ScrapeAsync(ScrapeFormat format)
        {
            for (int i = 0; i < 100; i++)
            {
                using Scrape scrape = await registry.ScrapeAsync(format);
                Check(Body.Decode(scrape), format.OpenMetrics);
            }
        }
    }

    private static void Check(string body, bool openMetrics)
    {
        Assert.That(body, Does.EndWith(openMetrics ? "\n# EOF\n" : "\n"));
        string[] lines = body.Split('\n');
        var last = new Dictionary<string, long>(StringComparer.Ordinal);
        int checkedCounts = 0;
        foreach (string line in lines.Where(line => line.StartsWith("h_", StringComparison.Ordinal)))
        {
            string id = line.Split('"')[1];
            double value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
            if (line.StartsWith("h_bucket", StringComparison.Ordinal))
            {
                Assert.That(value, Is.GreaterThanOrEqualTo(last.GetValueOrDefault(id)));
                last[id] = (long)value;
            }
            else if (line.StartsWith("h_count", StringComparison.Ordinal))
            {
                Assert.That(value, Is.EqualTo(last[id]), "_count is the +Inf bucket");
                checkedCounts++;
            }
            else
            {
                // Values are 0 to 4: the sum cannot be more than four times the count of the same moment.
                Assert.That(value, Is.LessThanOrEqualTo(4 * last[id]));
            }
        }

        Assert.That(checkedCounts, Is.EqualTo(20));
        Assert.That(lines.Where(line => line.StartsWith("g{", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]), Is.Unique);
    }

    private static CollectorRegistry Many(int series, out Gauge gauge)
    {
        var registry = new CollectorRegistry();
        gauge = registry.Factory().CreateGauge("g", "G.", "id");
        for (int i = 0; i < series; i++)
            gauge.WithLabels($"{i}").Set(i / 7d);
        return registry;
    }
}
