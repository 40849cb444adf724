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

    [Test]
    public async Task Who_cannot_wait_as_long_as_others_is_not_shown_what_was_there_before()
    {
        StuckQuery query = new();
        ScrapeRefresh refresh = new([query], null!, TimeSpan.FromMinutes(10), TimeSpan.Zero, failsScrapes: true, TimeProvider.System, NullLogger.Instance);
        query.Answer(TimeSpan.FromMinutes(-1));
        Task<string?> patient = refresh.PrepareAsync(CancellationToken.None);
        using CancellationTokenSource deadline = new(Longest);
        Assert.That(await refresh.PrepareAsync(deadline.Token).WaitAsync(Generous), Does.Contain("no answer in the time that this scrape has"));
        query.LetGo();
        Assert.That(await patient.WaitAsync(Generous), Is.Null);
    }

    [Test]
    public async Task A_query_that_fails_unexpectedly_does_not_leave_what_was_there_before()
    {
        StuckQuery query = new() { Mistake = new InvalidOperationException("a mistake") };
        ScrapeRefresh refresh = Refresh(query);
        query.Answer(TimeSpan.Zero);
        query.LetGo();
        Assert.That(await refresh.PrepareAsync(CancellationToken.None).WaitAsync(Generous), Does.Contain("the answer could not be read"));
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

        public Exception? Mistake { get; init; }

        public void Answer(TimeSpan ago) => _slot.Take(new ApiResult<object>(new object(), null), TimeSpan.Zero, TimeProvider.System.GetUtcNow() + ago);

        public void LetGo() => _letGo.TrySetResult();

        public void Forgo(ApiError why, TimeProvider time) => _slot.Take(new ApiResult<object>(null, why), TimeSpan.Zero, time.GetUtcNow());

        public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            await _letGo.Task;
            if (Mistake is not null) throw Mistake;
            _slot.Take(new ApiResult<object>(new object(), null), TimeSpan.Zero, time.GetUtcNow());
        }
    }
}
