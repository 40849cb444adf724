using CiMetrics.Exposition;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class MetricsEndpointTests
{
    [TestCase(1, 503)]
    [TestCase(2, 200)]
    [TestCase(0, 200)]
    public async Task Scrapes_beyond_the_limit_are_refused_until_a_slow_reader_is_done(int limit, int second)
    {
        var endpoint = Endpoint(new CollectorRegistry(), mostAtOnce: limit);
        using var slow = new HeldStream();
        var first = endpoint.Handle(Request(slow));
        await slow.Reached.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(await StatusAsync(endpoint), Is.EqualTo(second));
        // One that was refused has left its place again.
        Assert.That(await StatusAsync(endpoint), Is.EqualTo(second));
        slow.Release();
        await first.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(await StatusAsync(endpoint), Is.EqualTo(200));
    }

    [Test]
    public async Task A_collector_that_hangs_keeps_no_scrape_past_its_time()
    {
        var registry = new CollectorRegistry();
        using var stuck = new StuckCollector();
        registry.Register(stuck);
        var endpoint = Endpoint(registry, longest: TimeSpan.FromMilliseconds(200));
        Assert.That(await Task.WhenAll(StatusAsync(endpoint), StatusAsync(endpoint)).WaitAsync(TimeSpan.FromSeconds(30)), Is.All.EqualTo(504));
    }

    [Test]
    public async Task A_body_that_is_not_taken_in_time_is_cut_off()
    {
        var endpoint = Endpoint(new CollectorRegistry(), longest: TimeSpan.FromMilliseconds(200));
        using var never = new HeldStream();
        var context = Request(never);
        var begun = new BegunAnswer();
        context.Features.Set<IHttpResponseFeature>(begun);
        context.Features.Set<IHttpRequestLifetimeFeature>(begun);
        await endpoint.Handle(context).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(begun.IsCutOff, Is.True);
    }

    [Test]
    public async Task A_body_whose_first_bytes_the_server_still_holds_is_not_followed_by_another()
    {
        var endpoint = Endpoint(new CollectorRegistry(), longest: TimeSpan.FromMilliseconds(200));
        using var never = new HeldStream();
        var context = Request(never);
        await endpoint.Handle(context).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(context.Response.StatusCode, Is.EqualTo(200), "it was cut off, not answered twice");
    }

    private static MetricsEndpoint Endpoint(CollectorRegistry registry, long mostAtOnce = 0, TimeSpan? longest = null) =>
        new(registry, new ScrapeMeters(registry), TimeProvider.System) { MostAtOnce = mostAtOnce, Longest = longest ?? TimeSpan.FromMinutes(1) };

    private static async Task<int> StatusAsync(MetricsEndpoint endpoint)
    {
        using var body = new MemoryStream();
        var context = Request(body);
        await endpoint.Handle(context);
        Assert.That(body.Length, Is.EqualTo(context.Response.ContentLength));
        return context.Response.StatusCode;
    }

    private static DefaultHttpContext Request(Stream body)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = body;
        return context;
    }

    private sealed class HeldStream : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class BegunAnswer : HttpResponseFeature, IHttpRequestLifetimeFeature
    {
        public override bool HasStarted => true;

        public bool IsCutOff { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsCutOff = true;
    }

    private sealed class StuckCollector : ICollector, IDisposable
    {
        private readonly ManualResetEventSlim _free = new();

        public string Name => "stuck";

        public IReadOnlyList<MetricFamily> Families { get; } = [];

        public void Collect(MetricWriter writer) => _free.Wait();

        public void Dispose() => _free.Set();
    }
}
