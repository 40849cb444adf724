using System.Diagnostics;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Spacelift.Tests.State;

/// <summary>A scrape is answered in time, whatever becomes of the work under it.</summary>
public sealed class ScrapeRefreshTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(20);

    [Test]
    public async Task A_refresh_that_never_ends_keeps_no_scrape_and_is_visible()
    {
        StuckQuery query = new();
        ScrapeRefresh refresh = Refresh(query);
        Task<string?> scrape = refresh.PrepareAsync(CancellationToken.None);
        Assert.That(await scrape.WaitAsync(Generous), Does.Contain("no answer in time"));
        await CiMetrics.Testing.Eventually.TrueAsync(() => refresh.Stuck == 1, "the refresh is seen to be stuck");
        Assert.That(query.Asked, Is.EqualTo(1));

        await refresh.PrepareAsync(CancellationToken.None).WaitAsync(Generous);
        Assert.That(query.Asked, Is.EqualTo(2), "a later scrape asks again");
        await CiMetrics.Testing.Eventually.TrueAsync(() => refresh.Stuck == 2, "both are seen to be stuck");

        query.LetGo();
        await CiMetrics.Testing.Eventually.TrueAsync(() => refresh.Stuck == 0, "nothing is stuck any more");
        Assert.That(await refresh.PrepareAsync(CancellationToken.None).WaitAsync(Generous), Is.Null, "all is well again");
    }

    [Test]
    public async Task Refreshes_that_never_end_do_not_pile_up()
    {
        StuckQuery query = new();
        ScrapeRefresh refresh = Refresh(query);
        string? problem = null;
        for (int i = 0; i < 12; i++) problem = await refresh.PrepareAsync(CancellationToken.None).WaitAsync(Generous);
        Assert.That(problem, Does.Contain("refreshes do not end"));
        Assert.That(query.Asked, Is.EqualTo(8));
        query.LetGo();
    }

    [Test]
    public async Task The_scrapers_deadline_ends_the_wait_before_the_limit()
    {
        StuckQuery query = new();
        ScrapeRefresh refresh = new([query], null!, TimeSpan.FromMinutes(10), TimeSpan.Zero, failsScrapes: true, TimeProvider.System, NullLogger.Instance);
        using CancellationTokenSource deadline = new(Longest);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.That(await refresh.PrepareAsync(deadline.Token).WaitAsync(Generous), Does.Contain("no answer in time"));
        Assert.That(watch.Elapsed, Is.LessThan(Generous));
        query.LetGo();
    }

    private static ScrapeRefresh Refresh(StuckQuery query) =>
        new([query], null!, Longest, TimeSpan.Zero, failsScrapes: true, TimeProvider.System, NullLogger.Instance);

    /// <summary>A query whose call never ends, not even when it is cancelled, until it is let go.</summary>
    private sealed class StuckQuery : IAccountQuery
    {
        private readonly Slot<object> _slot = new("stuck", keepsLastGood: false);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ICollectorState State => _slot;

        public bool HasValue => _slot.Value is not null;

        public void LetGo() => _letGo.TrySetResult();

        public void Forgo(TimeProvider time) => _slot.Take(ApiResult<object>.Failed(ErrorKind.Timeout, "no answer in time"), TimeSpan.Zero, time.GetUtcNow());

        public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            await _letGo.Task;
            _slot.Take(new ApiResult<object>(new object(), null), TimeSpan.Zero, time.GetUtcNow());
        }
    }
}
