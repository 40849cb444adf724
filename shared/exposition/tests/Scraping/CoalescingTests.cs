namespace CiMetrics.Exposition.Tests;

/// <summary>How scrapes share gathers. A collector that the test holds up makes the order certain.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CoalescingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ScrapeFormat TextGzip = new(OpenMetrics: false, Gzip: true);
    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private CollectorRegistry _registry = null!;
    private int _gathers;
    private int _inside;
    private int _mostInside;

    [SetUp]
    public void SetUp()
    {
        MetricFamily family = new("gather", "Number of this gather.", MetricType.Gauge);
        _registry = new CollectorRegistry();
        _registry.Register(new TestCollector(
            writer =>
            {
                _mostInside = Math.Max(_mostInside, Interlocked.Increment(ref _inside));
                int number = Interlocked.Increment(ref _gathers);
                _entered.Release();
                Assert.That(_go.Wait(Patience), Is.True);
                writer.Write(family, number);
                Interlocked.Decrement(ref _inside);
            },
            family));
    }

    public void Dispose()
    {
        _entered.Dispose();
        _go.Dispose();
    }

    [Test]
    public async Task Scrapes_that_come_during_a_gather_share_the_next_one()
    {
        Task<Scrape> first = Start(ScrapeFormat.Text);
        await EnteredAsync();
        Task<Scrape>[] later = [.. Enumerable.Range(0, 20).Select(i => _registry.ScrapeAsync(i % 2 == 0 ? ScrapeFormat.Text : TextGzip).AsTask())];
        _go.Release(2);
        using (Scrape scrape = await first)
            Assert.That(Number(scrape), Is.EqualTo(1));
        foreach (Scrape scrape in await Task.WhenAll(later).WaitAsync(Patience))
        {
            using (scrape)
                Assert.That(Number(scrape), Is.EqualTo(2), "a gather that began after they came");
        }

        Assert.That((_gathers, _mostInside), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task Both_formats_are_gathered_one_after_the_other()
    {
        Task<Scrape> first = Start(ScrapeFormat.Text);
        await EnteredAsync();
        Task<Scrape> text = _registry.ScrapeAsync(ScrapeFormat.Text).AsTask();
        Task<Scrape> openMetrics = _registry.ScrapeAsync(Body.OpenMetrics).AsTask();
        _go.Release(3);
        Scrape[] scrapes = await Task.WhenAll(first, text, openMetrics).WaitAsync(Patience);
        Assert.That(scrapes.Select(Number), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(scrapes[2].ContentType, Does.StartWith("application/openmetrics-text"));
        Assert.That(_mostInside, Is.EqualTo(1));
        Array.ForEach(scrapes, scrape => scrape.Dispose());
    }

    [Test]
    public async Task A_cancelled_scrape_leaves_and_the_others_are_served()
    {
        using var cancellation = new CancellationTokenSource();
        Task<Scrape> first = Start(ScrapeFormat.Text);
        await EnteredAsync();
        Task<Scrape> leaves = _registry.ScrapeAsync(ScrapeFormat.Text, cancellation.Token).AsTask();
        Task<Scrape> stays = _registry.ScrapeAsync(ScrapeFormat.Text).AsTask();
        await cancellation.CancelAsync();
        Assert.That(async () => await leaves.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        _go.Release(2);
        (await first).Dispose();
        using Scrape scrape = await stays.WaitAsync(Patience);
        Assert.That(Number(scrape), Is.EqualTo(2));
    }

    [Test]
    public async Task Nothing_is_gathered_for_scrapes_that_have_all_left()
    {
        using var cancellation = new CancellationTokenSource();
        Task<Scrape> first = Start(ScrapeFormat.Text);
        await EnteredAsync();
        Task<Scrape> leaves = _registry.ScrapeAsync(ScrapeFormat.Text, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.That(async () => await leaves.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        _go.Release(2);
        (await first).Dispose();
        using Scrape next = await _registry.ScrapeAsync(ScrapeFormat.Text);
        Assert.That(Number(next), Is.EqualTo(2), "the gather of the one that left did not happen");
    }

    [Test]
    public void A_scrape_that_is_cancelled_already_gathers_nothing()
    {
        Assert.That(
            async () => await _registry.ScrapeAsync(ScrapeFormat.Text, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_gathers, Is.Zero);
    }

    private Task<Scrape> Start(ScrapeFormat format) => Task.Run(async () => await _registry.ScrapeAsync(format));

    private async Task EnteredAsync() => Assert.That(await _entered.WaitAsync(Patience), Is.True);

    private static int Number(Scrape scrape)
    {
        string body = Body.Decode(scrape);
        string line = body.Split('\n').Single(line => line.StartsWith("gather ", StringComparison.Ordinal));
        return int.Parse(line["gather ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
