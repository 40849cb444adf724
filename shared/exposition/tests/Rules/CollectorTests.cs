namespace CiMetrics.Exposition.Tests;

public sealed class CollectorTests
{
    private static readonly LabelSchema Id = new("id");
    private static readonly MetricFamily Good = new("good", "Good.", MetricType.Gauge);
    private static readonly MetricFamily Builds = new("builds", "Builds.", MetricType.Gauge, Id);
    private static readonly MetricFamily Jobs = new("jobs_total", "Jobs.", MetricType.Counter, Id);
    private static readonly MetricFamily Version = new("version_info", "Version.", MetricType.Info, Id);
    private static readonly MetricFamily Duration = new("duration", "Duration.", MetricType.Histogram, Id);
    private static readonly MetricFamily Undeclared = new("undeclared", "Not declared.", MetricType.Gauge);
    private static readonly BucketBounds Bounds = new(1, 2);

    private static IEnumerable<TestCaseData> BrokenRules()
    {
        yield return Rule("a duplicate series", "builds{id=\"a\"} is there twice", writer =>
        {
            writer.Write(Builds, Id.WithValues("a"), 1);
            writer.Write(Builds, Id.WithValues("a"), 2);
        });
        yield return Rule("an undeclared family", "undeclared is not declared", writer => writer.Write(Undeclared, 1));
        yield return Rule("labels of another schema", "the family's labels are {id}", writer => writer.Write(Builds, new LabelSchema("other").WithValues("a"), 1));
        yield return Rule("no labels", "the family's labels are {id}", writer => writer.Write(Builds, 1));
        yield return Rule("a negative counter", "a counter cannot be -1", writer => writer.Write(Jobs, Id.WithValues("a"), -1));
        yield return Rule("a counter of NaN", "a counter cannot be NaN", writer => writer.Write(Jobs, Id.WithValues("a"), double.NaN));
        yield return Rule("an info of 2", "an info is 1, not 2", writer => writer.Write(Version, Id.WithValues("a"), 2));
        yield return Rule("a histogram as a sample", "use WriteHistogram", writer => writer.Write(Duration, Id.WithValues("a"), 2));
        yield return Rule("a gauge as a histogram", "builds is no histogram", writer => writer.WriteHistogram(Builds, Id.WithValues("a"), Bounds, [0, 0, 0], 0));
        yield return Rule("a gauge as a counter", "builds is no counter", writer => writer.WriteCounter(Builds, Id.WithValues("a"), 1, null));
        yield return Rule("too few counts", "2 counts for 3 buckets", writer => writer.WriteHistogram(Duration, Id.WithValues("a"), Bounds, [0, 0], 0));
        yield return Rule("a negative count", "a bucket counts -1", writer => writer.WriteHistogram(Duration, Id.WithValues("a"), Bounds, [0, -1, 0], 0));
        yield return Rule("a sum of NaN", "the sum is NaN", writer => writer.WriteHistogram(Duration, Id.WithValues("a"), Bounds, [0, 1, 0], double.NaN));
        yield return Rule("an exception", "the snapshot is gone", _ => throw new IOException("the snapshot is gone"));
    }

    [TestCaseSource(nameof(BrokenRules))]
    public async Task A_collector_that_breaks_a_rule_is_left_out_whole_and_told_while_the_rest_is_served(Action<MetricWriter> collect, string rule)
    {
        var registry = new CollectorRegistry();
        var failures = new List<(string Name, Exception Exception)>();
        registry.CollectorFailed += (name, exception) => failures.Add((name, exception));
        registry.Register(new TestCollector(writer => writer.Write(Good, 1), Good) { Name = "good" });
        MetricFamily[] families = [Builds, Jobs, Version, Duration];
        Action<MetricWriter> bad = writer =>
        {
            writer.Write(Builds, Id.WithValues("before"), 1);
            collect(writer);
        };
        registry.Register(new TestCollector(bad, families) { Name = "bad" });

        foreach (int scrape in new[] { 1, 2 })
        {
            Assert.That(
                await registry.TextAsync(),
                Is.EqualTo($"# HELP exporter_collector_errors_total Scrapes in which a collector failed and its metrics were left out.\n# TYPE exporter_collector_errors_total counter\nexporter_collector_errors_total{{collector=\"good\"}} 0\nexporter_collector_errors_total{{collector=\"bad\"}} {scrape}\n# HELP good Good.\n# TYPE good gauge\ngood 1\n"));
            Assert.That(failures, Has.Count.EqualTo(scrape));
            Assert.That(failures[^1].Name, Is.EqualTo("bad"));
            Assert.That(failures[^1].Exception.Message, Does.Contain(rule));
        }
    }

    [Test]
    public async Task Catching_the_writer_s_exception_does_not_hide_the_broken_rule()
    {
        var registry = new CollectorRegistry();
        registry.Register(new TestCollector(
            writer =>
            {
                writer.Write(Good, 1);
                Assert.That(() => writer.Write(Undeclared, 1), Throws.InvalidOperationException);
            },
            Good));
        Assert.That(await registry.OwnTextAsync(), Does.Not.Contain("good"));
    }

    [Test]
    public async Task Without_the_error_counter_a_body_holds_nothing_but_what_collectors_write()
    {
        var registry = new CollectorRegistry(options: new RegistryOptions { WithoutErrorCounter = true });
        Assert.That(await registry.TextAsync(), Is.Empty);
        registry.Register(new TestCollector(writer => writer.Write(Good, 1), Good));
        Assert.That(await registry.TextAsync(), Is.EqualTo("# HELP good Good.\n# TYPE good gauge\ngood 1\n"));
    }

    [Test]
    public async Task A_collector_that_recovers_is_served_again()
    {
        bool fails = false;
        var registry = new CollectorRegistry();
        registry.Register(new TestCollector(
            writer =>
            {
                writer.Write(Good, 1);
                if (fails)
                    throw new IOException();
            },
            Good));
        foreach (bool state in new[] { false, true, false, true, false })
        {
            fails = state;
            Assert.That(await registry.OwnTextAsync(), state ? Does.Not.Contain("good") : Does.Contain("\ngood 1\n"));
        }
    }

    [Test]
    public async Task Duplicates_are_found_however_the_order_of_series_changes_between_scrapes()
    {
        Random random = CiMetrics.Testing.Seed.Random(out _);
        LabelSet[] sets = [.. Enumerable.Range(0, 40).Select(i => Id.WithValues($"{i}"))];
        LabelSet[] twins = [.. Enumerable.Range(0, 40).Select(i => Id.WithValues($"{i}"))];
        List<LabelSet> written = [];
        var registry = new CollectorRegistry();
        registry.Register(new TestCollector(writer => written.ForEach(labels => writer.Write(Builds, labels, 1)), Builds));
        for (int i = 0; i < 2_000; i++)
        {
            // Mostly what the scrape before wrote, with small changes: that is where a shortcut could be wrong.
            switch (random.Next(4))
            {
                case 0 when written.Count > 0:
                    written.RemoveAt(random.Next(written.Count));
                    break;
                case 1:
                    written.Insert(random.Next(written.Count + 1), (random.Next(2) == 0 ? sets : twins)[random.Next(sets.Length)]);
                    break;
                case 2 when written.Count > 1:
                    (int a, int b) = (random.Next(written.Count), random.Next(written.Count));
                    (written[a], written[b]) = (written[b], written[a]);
                    break;
            }

            if (random.Next(20) == 0)
                written = [.. written.DistinctBy(labels => labels.ToString(), StringComparer.Ordinal)];
            bool unique = written.DistinctBy(labels => labels.ToString(), StringComparer.Ordinal).Count() == written.Count;
            string body = await registry.OwnTextAsync();
            Assert.That(body.Split('\n').Count(line => line.StartsWith("builds{", StringComparison.Ordinal)), Is.EqualTo(unique ? written.Count : 0));
        }
    }

    [Test]
    public async Task Const_histograms_counters_and_infos_are_written_like_instruments()
    {
        var registry = new CollectorRegistry();
        registry.Register(new TestCollector(
            writer =>
            {
                writer.WriteHistogram(Duration, Id.WithValues("a"), Bounds, [1, 2, 3], 12.5);
                writer.Write(Jobs, Id.WithValues("a"), 7L);
                writer.Write(Version, Id.WithValues("1.0"), 1);
            },
            Duration,
            Jobs,
            Version));
        Assert.That(await registry.OwnTextAsync(), Is.EqualTo(
            """
            # HELP duration Duration.
            # TYPE duration histogram
            duration_bucket{id="a",le="1"} 1
            duration_bucket{id="a",le="2"} 3
            duration_bucket{id="a",le="+Inf"} 6
            duration_sum{id="a"} 12.5
            duration_count{id="a"} 6
            # HELP jobs_total Jobs.
            # TYPE jobs_total counter
            jobs_total{id="a"} 7
            # HELP version_info Version.
            # TYPE version_info gauge
            version_info{id="1.0"} 1

            """));
    }

    [Test]
    public async Task A_hook_that_throws_fails_the_scrape_and_not_the_next_one()
    {
        bool fails = true;
        var registry = new CollectorRegistry();
        registry.CollectorFailed += (_, _) => throw new IOException("the log is full");
        registry.Register(new TestCollector(
            writer =>
            {
                writer.Write(Good, 1);
                if (fails)
                    throw new TimeoutException();
            },
            Good));
        Assert.That(async () => await registry.TextAsync(), Throws.InstanceOf<IOException>());
        fails = false;
        Assert.That(await registry.OwnTextAsync(), Does.Contain("\ngood 1\n"));
    }

    private static TestCaseData Rule(string name, string rule, Action<MetricWriter> collect) => new TestCaseData(collect, rule).SetArgDisplayNames(name);
}
