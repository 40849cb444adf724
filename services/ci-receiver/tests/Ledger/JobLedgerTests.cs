using CiMetrics.Exposition;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Tests.Ledger;

public sealed class JobLedgerTests
{
    private static readonly LedgerLimits Limits = new(Names: 3, Projects: 3, Series: 5, Keys: 1000, TimeSpan.FromDays(1));

    [Test]
    public void Deciding_counts_nothing()
    {
        JobLedger ledger = New();
        ledger.BeginBatch();
        ledger.Decide(Job("a", key: "1"));
        Assert.That(Counts(ledger), Is.Empty);
        ledger.BeginBatch();
        Assert.That(ledger.Decide(Job("a", key: "1")).Event, Is.Not.Null, "the batch before was never stored");
    }

    [Test]
    public void A_key_counts_once_within_a_batch_and_after_it()
    {
        JobLedger ledger = New();
        Assert.That(Add(ledger, Job("a", key: "1"), Job("a", key: "1"), Job("a", key: "2")), Is.EqualTo(new[] { true, false, true }));
        Assert.That(Add(ledger, Job("a", key: "1"), Job("a"), Job("a")), Is.EqualTo(new[] { false, true, true }));
        Assert.That(Counts(ledger)["a p success"], Is.EqualTo(4));
    }

    [Test]
    public void What_is_beyond_a_limit_is_counted_as_other_also_within_one_batch()
    {
        JobLedger ledger = New();
        Add(ledger, [.. Enumerable.Range(0, 10).Select(i => Job($"name{i}"))]);
        Assert.That(Counts(ledger), Is.EqualTo(new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["name0 p success"] = 1,
            ["name1 p success"] = 1,
            ["name2 p success"] = 1,
            ["other p success"] = 7,
        }));
        Add(ledger, [.. Enumerable.Range(0, 10).Select(i => Job("name0", $"p{i}"))]);
        Assert.That(Counts(ledger).Values.Sum(), Is.EqualTo(20));
        Assert.That(Counts(ledger)["name0 other success"], Is.EqualTo(9), "a fifth series and two more projects");
    }

    [Test]
    public void A_series_that_is_there_is_counted_in_although_a_limit_is_reached()
    {
        JobLedger ledger = New();
        Add(ledger, [.. Enumerable.Range(0, 10).Select(i => Job($"name{i}", $"p{i}"))]);
        Add(ledger, Job("name1", "p1"));
        Assert.That(Counts(ledger)["name1 p1 success"], Is.EqualTo(2));
    }

    [Test]
    public void A_long_name_that_an_earlier_version_stored_whole_is_the_same_as_today_s()
    {
        string name = "a" + new string('構', 1000);
        JobLedger ledger = New();
        ledger.Restore(new NameImage("a", name, [name[..^1], OriginalName.Of(name[..^1]), OriginalName.Of(name)]));
        ledger.Declare(new SeriesKey("a", "p", "success"), name, 0);
        Assert.That(ledger.IsKnown("a", OriginalName.Of(name)), Is.True);
        Assert.That(ledger.Capture().Names.Single().Others, Is.EqualTo(new[] { OriginalName.Of(name[..^1]) }));
        ledger.BeginBatch();
        Assert.That(ledger.Decide(Job(name)).Warnings, Is.Empty);
    }

    [Test]
    public void Two_names_that_become_one_are_reported()
    {
        JobLedger ledger = New();
        Add(ledger, Job("build-a"));
        ledger.BeginBatch();
        Decision decision = ledger.Decide(Job("build_a"));
        Assert.That(decision.Warnings.Single().Text, Does.Contain("build-a").And.Contain("build_a").And.Contain("both"));
        Assert.That(ledger.Figures().CollidingNames, Is.Zero);
        ledger.Apply([decision.Event!.Value], 1);
        Assert.That(ledger.Figures().CollidingNames, Is.EqualTo(1));
        ledger.BeginBatch();
        Assert.That(ledger.Decide(Job("build-a: [x]")).Warnings, Is.Empty, "a parallel job of the first");
    }

    [Test]
    public void Keys_are_forgotten_after_their_time()
    {
        JobLedger ledger = New();
        Add(ledger, time: 0, Job("a", key: "1"));
        long day = (long)Limits.KeyRetention.TotalMilliseconds;
        Assert.That(Add(ledger, time: day, Job("a", key: "1"), Job("a", key: "2")), Is.EqualTo(new[] { false, true }));
        Add(ledger, time: day + 1000, Job("a"));
        Assert.That(Add(ledger, time: day + 1001, Job("a", key: "1")), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void A_ledger_comes_back_from_its_image()
    {
        JobLedger ledger = New();
        Add(ledger, Job("build-a", seconds: 5), Job("build_a", seconds: 61, key: "k"), Job("b", "q", "failed", 1e6), Job("x"), Job("y"));
        JobLedger copy = Restore(ledger, New());
        Assert.That(Counts(copy), Is.EqualTo(Counts(ledger)));
        Assert.That(Durations(copy), Is.EqualTo(Durations(ledger)));
        Assert.That(copy.Figures(), Is.EqualTo(ledger.Figures()));
        Assert.That(Add(copy, Job("a", key: "k")), Is.EqualTo(new[] { false }));
    }

    [Test]
    public void Buckets_of_other_bounds_keep_what_they_share()
    {
        JobLedger ledger = New();
        Add(ledger, Job("a", seconds: 1), Job("a", seconds: 50), Job("a", seconds: 100), Job("a", seconds: 500));
        JobLedger copy = Restore(ledger, new JobLedger(Limits, new BucketBounds(30, 120, 1000)));
        // 60 -> 120, 120 -> 120, above 120 -> above 1000 for want of knowing better.
        Assert.That(Durations(copy).Single(), Is.EqualTo("a success: 0 3 0 1 = 651"));
    }

    private static JobLedger New() => new(Limits, new BucketBounds(60, 120));

    private static JobLedger Restore(JobLedger from, JobLedger to)
    {
        LedgerImage image = from.Capture();
        to.RestoreForgotten(image.ForgottenTo);
        foreach (NameImage name in image.Names) to.Restore(name);
        foreach (CounterImage counter in image.Counters) to.Restore(counter);
        foreach (DurationImage duration in image.Durations) to.Restore(duration, image.Bounds);
        foreach (KeyBlock block in image.Keys) to.Restore(block);
        return to;
    }

    private static bool[] Add(JobLedger ledger, params JobEvent[] jobs) => Add(ledger, 1000, jobs);

    private static bool[] Add(JobLedger ledger, long time, params JobEvent[] jobs)
    {
        ledger.BeginBatch();
        CountedEvent?[] decided = [.. jobs.Select(job => ledger.Decide(job).Event)];
        ledger.Apply([.. decided.OfType<CountedEvent>()], time);
        return [.. decided.Select(counted => counted is not null)];
    }

    private static JobEvent Job(string name, string project = "p", string status = "success", double? seconds = null, string? key = null) =>
        new(JobName.Of(name), project, status, seconds, key is null ? null : EventKey.Of(key), []);

    private static Dictionary<string, long> Counts(JobLedger ledger)
    {
        LedgerView view = new();
        ledger.Read(view);
        return Enumerable.Range(0, view.Counters).ToDictionary(
            i => $"{view.Counter(i).Key.Name} {view.Counter(i).Key.Project} {view.Counter(i).Key.Status}", view.Count, StringComparer.Ordinal);
    }

    private static string[] Durations(JobLedger ledger)
    {
        LedgerView view = new();
        ledger.Read(view);
        return [.. Enumerable.Range(0, view.Durations).Select(i => $"{view.Duration(i).Name} {view.Duration(i).Status}: {string.Join(' ', view.Buckets(i).ToArray())} = {view.Sum(i)}")];
    }
}
