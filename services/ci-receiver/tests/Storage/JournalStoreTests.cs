using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Naming;
using CiMetrics.Receiver.Storage;
using CiMetrics.Receiver.Storage.Journal;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Receiver.Tests.Storage;

/// <summary>The store over real files.</summary>
public sealed class JournalStoreTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TempFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task What_was_answered_is_there_after_a_restart_with_its_keys()
    {
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            Assert.That(await store.AddAsync(Job("a", "1"), Job("a", "1"), Job("b", "2")), Is.EqualTo(new[] { true, false, true }));
            Assert.That(await store.AddAsync(Job("a", "1")), Is.EqualTo(new[] { false }));
        }

        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            Assert.That(store.Total, Is.EqualTo(2));
            Assert.That(await store.AddAsync(Job("a", "1"), Job("b", "3")), Is.EqualTo(new[] { false, true }));
            Assert.That(store.Total, Is.EqualTo(3));
        }
    }

    [Test]
    public async Task Snapshots_take_the_journal_s_place_while_events_come_in_and_nothing_is_lost()
    {
        const int Requests = 3000;
        await using (Running store = Running.Start(_folder.PathOf("data"), journalLimit: 8192))
        {
            await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
            {
                await store.AddAsync(Job($"name{i % 50}", $"{i}"), Job("all"));
            });
            Assert.That(store.Total, Is.EqualTo(2 * Requests));
            await Eventually.TrueAsync(() => Directory.GetFiles(_folder.PathOf("data"), "*.journal").Length == 1, "the last snapshot");
        }

        Assert.That(Directory.GetFiles(_folder.PathOf("data"), "*.snapshot"), Has.Length.EqualTo(1));
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            Assert.That(store.Total, Is.EqualTo(2 * Requests));
            Assert.That(await store.AddAsync([.. Enumerable.Range(0, Requests).Select(i => Job($"name{i % 50}", $"{i}"))]), Has.All.False);
        }
    }

    [Test]
    public async Task A_full_disk_counts_nothing_tells_to_try_again_and_recovers_by_itself()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "256k");
        await using (Running store = Running.Start(disk.PathOf("data")))
        {
            await store.AddAsync(Job("a", "before"));
            string filler = disk.Fill();
            JobEvent[] many = [.. Enumerable.Range(0, 500).Select(i => Job("a", $"{i}"))];
            StoreResult result = await store.SubmitAsync(many);
            Assert.That((result.Refusal?.Status, result.Refusal?.RetryAfterSeconds), Is.EqualTo((503, 2)));
            Assert.That((store.Total, store.Problem is null), Is.EqualTo((1, false)));
            Assert.That(await store.AddAsync(Job("a", "before")), Is.EqualTo(new[] { false }), "a duplicate needs no room");

            File.Delete(filler);
            await Eventually.TrueAsync(() => store.Problem is null, "the store to try by itself");
            Assert.That(await store.AddAsync(many), Has.All.True);
            Assert.That(store.Total, Is.EqualTo(501));
        }

        await using (Running store = Running.Start(disk.PathOf("data"))) Assert.That(store.Total, Is.EqualTo(501));
    }

    [Test]
    public async Task A_start_with_a_full_disk_serves_what_there_is_and_recovers_when_there_is_room()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "256k");
        await using (Running store = Running.Start(disk.PathOf("data"))) await store.AddAsync(Job("a", "before"));
        string filler = disk.Fill();
        await using (Running store = Running.Start(disk.PathOf("data")))
        {
            Assert.That(store.Total, Is.EqualTo(1));
            JobEvent[] many = [.. Enumerable.Range(0, 500).Select(i => Job("a", $"{i}"))];
            Assert.That((await store.SubmitAsync(many)).Refusal?.Status, Is.EqualTo(503));
            File.Delete(filler);
            await Eventually.TrueAsync(() => store.Problem is null, "the store to try by itself");
            Assert.That(await store.AddAsync(many), Has.All.True);
        }

        await using (Running store = Running.Start(disk.PathOf("data"))) Assert.That(store.Total, Is.EqualTo(501));
    }

    [Test]
    public async Task The_clock_decides_when_a_disk_that_was_full_is_tried_again()
    {
        ManualTime time = new();
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "256k");
        await using Running store = Running.Start(disk.PathOf("data"), time: time);
        string filler = disk.Fill();
        await store.SubmitAsync([.. Enumerable.Range(0, 500).Select(i => Job("a", $"{i}"))]);
        File.Delete(filler);
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.That(store.Problem, Is.Not.Null, "no time has passed on this clock");
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return store.Problem is null;
            },
            "the store to try again");
    }

    [Test]
    public async Task A_disk_too_full_for_a_snapshot_keeps_the_journal()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "512k");
        await using (Running store = Running.Start(disk.PathOf("data"), journalLimit: 20_000))
        {
            // A snapshot has all keys, a journal the last ones: so there can be room for this and not for that.
            await AddManyAsync(store, "early", 8000);
            await Eventually.TrueAsync(() => Directory.GetFiles(disk.PathOf("data")).Length == 4, "the last snapshot (beside it: journal, lock and its owner)");
            string filler = disk.Fill();
            using (FileStream file = File.OpenWrite(filler)) file.SetLength(file.Length - (100 << 10));
            await AddManyAsync(store, "late", 800);
            await Eventually.TrueAsync(() => store.SnapshotFailures > 0, "a snapshot to fail");
            Assert.That((store.Total, store.Problem), Is.EqualTo((8800, (string?)null)));
        }

        await using (Running store = Running.Start(disk.PathOf("data")))
        {
            Assert.That(store.Total, Is.EqualTo(8800));
            Assert.That(await store.AddAsync(Job("a", "early-0"), Job("a", "late-799")), Has.All.False);
        }

        static async Task AddManyAsync(Running store, string prefix, int count)
        {
            for (int i = 0; i < count; i += 50)
            {
                JobEvent[] jobs = [.. Enumerable.Range(i, 50).Select(number => Job("a", $"{prefix}-{number}"))];
                // While the snapshot that does not fit is being written there is no room for events either: senders try again.
                await Eventually.TrueAsync(async () => (await store.SubmitAsync(jobs)).Decisions is not null, "the events to be stored");
            }
        }
    }

    [Test]
    public async Task A_byte_that_changed_is_refused_with_its_place_and_not_counted_around()
    {
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            for (int i = 0; i < 10; i++) await store.AddAsync(Job("a", $"{i}"));
        }

        string journal = Directory.GetFiles(_folder.PathOf("data"), "*.journal").Single();
        byte[] bytes = File.ReadAllBytes(journal);
        bytes[120] ^= 1;
        File.WriteAllBytes(journal, bytes);
        Assert.That(
            () => Running.Start(_folder.PathOf("data")),
            Throws.InstanceOf<ServiceFailedException>().With.Message.Contains(journal).And.Message.Contains("damaged at byte"));
    }

    [Test]
    public async Task A_byte_of_the_last_event_that_changed_after_a_stop_in_order_is_refused_too()
    {
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            for (int i = 0; i < 10; i++) await store.AddAsync(Job("a", $"{i}"));
        }

        string journal = Directory.GetFiles(_folder.PathOf("data"), "*.journal").Single();
        byte[] bytes = File.ReadAllBytes(journal);
        bytes[bytes.AsSpan().LastIndexOf("success"u8)] ^= 1;
        File.WriteAllBytes(journal, bytes);
        Assert.That(() => Running.Start(_folder.PathOf("data")), Throws.InstanceOf<ServiceFailedException>().With.Message.Contains("damaged at byte"));
    }

    [Test]
    public async Task A_torn_tail_is_cut()
    {
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            for (int i = 0; i < 10; i++) await store.AddAsync(Job("a", $"{i}"));
        }

        string journal = Directory.GetFiles(_folder.PathOf("data"), "*.journal").Single();
        // As a crash leaves it: without the seal of a stop in order (16 bytes), and with a write that was interrupted.
        using (FileStream file = File.OpenWrite(journal)) file.SetLength(file.Length - 16 - 7);
        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            Assert.That(store.Total, Is.EqualTo(9));
            Assert.That(await store.AddAsync(Job("a", "9")), Is.EqualTo(new[] { true }));
        }
    }

    [Test]
    public async Task A_declared_series_is_there_at_zero_with_the_birth_of_its_declaration()
    {
        ManualTime time = new();
        long born = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using (Running store = Running.Start(_folder.PathOf("data"), time: time))
        {
            store.Declare(new SeriesKey("a", "p", "success"));
            time.Advance(TimeSpan.FromHours(1));
            await store.AddAsync(Job("a", null));
        }

        await using (Running store = Running.Start(_folder.PathOf("data")))
        {
            LedgerView view = store.View();
            Assert.That((view.Counters, view.Count(0), view.Counter(0).Born), Is.EqualTo((1, 1, born)));
        }
    }

    private static JobEvent Job(string name, string? key = null) => new(JobName.Of(name), "p", "success", 1, key is null ? null : EventKey.Of(key), []);

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TimeProvider _time;
        private readonly JobLedger _ledger;
        private readonly JournalStore _store;
        private readonly Counter _snapshotFailures;
        private readonly Task _loop;
        private volatile string? _problem;

        private Running(string path, long journalLimit, TimeProvider time)
        {
            _time = time;
            MetricFactory metrics = Exposition.Metrics.WithCustomRegistry(new CollectorRegistry());
            _ledger = new JobLedger(new LedgerLimits(100, 100, 1000, 100_000, TimeSpan.FromDays(1)), new BucketBounds(60));
            StoreTally tally = new(metrics.CreateHistogram("h", "H.", [1]), metrics.CreateCounter("c_total", "C."), problem => _problem = problem);
            StateFolder folder = DataFolder.Open(path, _ledger, time, NullLogger.Instance);
            _snapshotFailures = metrics.CreateCounter("d_total", "D.");
            Compaction compaction = new(journalLimit, _snapshotFailures, time, NullLogger.Instance);
            _store = new JournalStore(folder, _ledger, compaction, tally, time, NullLogger.Instance);
            _loop = Task.Run(() => _store.RunAsync(_stop.Token));
        }

        public string? Problem => _problem;

        public double SnapshotFailures => _snapshotFailures.Value;

        public long Total => View() is var view ? Enumerable.Range(0, view.Counters).Sum(view.Count) : 0;

        public static Running Start(string path, long journalLimit = 1 << 26, TimeProvider? time = null) => new(path, journalLimit, time ?? TimeProvider.System);

        public LedgerView View()
        {
            LedgerView view = new();
            _ledger.Read(view);
            return view;
        }

        public void Declare(SeriesKey key) => _store.Declare([(key, key.Name)]);

        public Task<StoreResult> SubmitAsync(params JobEvent[] jobs) => _store.AddAsync(jobs, _time.GetUtcNow());

        public async Task<bool[]> AddAsync(params JobEvent[] jobs) =>
            [.. ((await SubmitAsync(jobs)).Decisions ?? throw new AssertionException("not stored")).Select(decision => decision.Event is not null)];

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await _loop;
            }
            catch (OperationCanceledException)
            {
                // That is how it ends.
            }

            _stop.Dispose();
        }
    }
}
