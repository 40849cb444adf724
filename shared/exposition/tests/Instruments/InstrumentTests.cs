using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests;

public sealed class InstrumentTests
{
    private CollectorRegistry _registry = null!;
    private MetricFactory _factory = null!;

    [SetUp]
    public void SetUp()
    {
        _registry = new CollectorRegistry();
        _factory = _registry.Factory();
    }

    [Test]
    public void A_counter_only_grows()
    {
        Counter counter = _factory.CreateCounter("c_total", "");
        counter.Inc();
        counter.Inc(2.5);
        counter.Inc(0);
        Assert.That(() => counter.Inc(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => counter.Inc(double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(counter.Value, Is.EqualTo(3.5));
    }

    [Test]
    public void A_gauge_goes_up_and_down_and_may_be_anything()
    {
        Gauge gauge = _factory.CreateGauge("g", "");
        gauge.Set(5);
        gauge.Inc();
        gauge.Dec(10);
        Assert.That(gauge.Value, Is.EqualTo(-4));
        gauge.Set(double.NaN);
        gauge.Inc();
        Assert.That(gauge.Value, Is.NaN);
    }

    [Test]
    public void A_histogram_refuses_what_would_spoil_its_sum()
    {
        Histogram histogram = _factory.CreateHistogram("h", "", [1, 2]);
        histogram.Observe(2);
        histogram.Observe(double.PositiveInfinity);
        Assert.That(() => histogram.Observe(-0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => histogram.Observe(double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That((histogram.Count, histogram.Sum), Is.EqualTo((2, double.PositiveInfinity)));
    }

    [Test]
    public async Task A_value_on_a_bound_belongs_to_its_bucket()
    {
        Histogram histogram = _factory.CreateHistogram("h", "", [1, 2]);
        Array.ForEach([0, 1, 1.5, 2, 2.5], value => histogram.Observe(value));
        Assert.That(
            await _registry.OwnTextAsync(),
            Does.EndWith("\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"2\"} 4\nh_bucket{le=\"+Inf\"} 5\nh_sum 7\nh_count 5\n"));
    }

    [Test]
    public void The_same_label_values_are_the_same_child()
    {
        Gauge gauge = _factory.CreateGauge("g", "", "a", "b");
        Gauge.Child child = gauge.WithLabels("x", "y");
        Assert.That(gauge.WithLabels("x", "y"), Is.SameAs(child));
        Assert.That(gauge.WithLabels("y", "x"), Is.Not.SameAs(child));
        Assert.That(gauge.WithLabels("x\",b=\"y", ""), Is.Not.SameAs(child));
    }

    [Test]
    public void A_family_with_labels_has_no_value_of_its_own()
    {
        Gauge gauge = _factory.CreateGauge("g", "", "a");
        Assert.That(() => gauge.Set(1), Throws.InvalidOperationException.With.Message.Contains("g has labels (a)"));
        Assert.That(() => gauge.WithLabels("a", "b"), Throws.ArgumentException);
    }

    [Test]
    public async Task A_removed_series_is_gone_and_comes_back_with_zero()
    {
        Counter counter = _factory.CreateCounter("c_total", "", "a");
        counter.WithLabels("x").Inc(5);
        counter.WithLabels("y").Inc(6);
        await _registry.TextAsync();
        Assert.That(counter.RemoveLabelled("x"), Is.True);
        Assert.That(counter.RemoveLabelled("x"), Is.False);
        Assert.That(await _registry.OwnTextAsync(), Does.Not.Contain("\"x\"").And.Contain("c_total{a=\"y\"} 6\n"));
        counter.WithLabels("x");
        Assert.That(await _registry.OwnTextAsync(), Does.Contain("c_total{a=\"x\"} 0\n"));
    }

    [Test]
    public async Task Counting_from_many_threads_loses_nothing()
    {
        Counter counter = _factory.CreateCounter("c_total", "", "a");
        Gauge gauge = _factory.CreateGauge("g", "");
        Histogram histogram = _factory.CreateHistogram("h", "", [1, 2]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                counter.WithLabels($"{i % 5}").Inc();
                gauge.Inc();
                histogram.Observe(i % 3);
            }
        })));
        Assert.That(Enumerable.Range(0, 5).Sum(i => counter.WithLabels($"{i}").Value), Is.EqualTo(80_000));
        Assert.That(gauge.Value, Is.EqualTo(80_000));
        Assert.That(histogram.Count, Is.EqualTo(80_000));
    }

    [Test]
    public async Task Exemplars_and_created_timestamps_are_off_by_default()
    {
        _factory.CreateCounter("c_total", "").Inc(1, ("trace_id", "abc"));
        _factory.CreateHistogram("h", "", [1]).Observe(0.5, ("trace_id", "abc"));
        Assert.That(await _registry.OpenMetricsAsync(), Does.Not.Contain("trace_id").And.Not.Contain("_created"));
    }

    [Test]
    public async Task Exemplars_and_created_timestamps_are_shown_in_OpenMetrics_only()
    {
        var time = new ManualTime();
        var registry = new CollectorRegistry(options: new RegistryOptions { Exemplars = true, CreatedTimestamps = true, Time = time });

        // No brace in the value: the Python parser takes the first one for the end.
        registry.Factory().CreateCounter("c_total", "", "a").WithLabels("x").Inc(2, ("trace_id", "a\"\\\n"));
        registry.Factory().CreateCounter("plain", "").Inc(1, ("trace_id", "unknown types have none"));
        registry.Factory().CreateGauge("g", "").Set(1);
        Histogram histogram = registry.Factory().CreateHistogram("h", "", [1, 2]);
        histogram.Observe(1.5, ("trace_id", "old"));
        histogram.Observe(1.25, ("trace_id", "new"));

        Assert.That(await registry.TextAsync(), Does.Not.Contain("trace_id").And.Not.Contain("_created"));
        ParsedBody parsed = await PythonParser.OpenMetricsAsync(await registry.OpenMetricsAsync());
        Assert.That(parsed.Error, Is.Null);
        Assert.That(
            parsed.Samples.Where(sample => sample.Exemplar is not null).Select(sample => (sample.Name, sample.Exemplar!.Labels["trace_id"], sample.Exemplar.Value)),
            Is.EqualTo(new[] { ("c_total", "a\"\\\n", "2.0"), ("h_bucket", "new", "1.25") }));
        Assert.That(
            parsed.Samples.Where(sample => sample.Name.EndsWith("_created", StringComparison.Ordinal)).Select(sample => (sample.Name, sample.Number)),
            Is.EqualTo(new[] { "c_created", "h_created" }.Select(name => (name, time.GetUtcNow().ToUnixTimeMilliseconds() / 1000d))));
    }

    [Test]
    public void An_exemplar_has_at_most_128_characters()
    {
        // Characters of Unicode, not of UTF-16: a smiley is one.
        string smileys = string.Concat(Enumerable.Repeat("\ud83d\ude00", 128 - "id".Length));
        Assert.That(() => new Exemplar(1, null, ("id", smileys)), Throws.Nothing);
        Assert.That(() => new Exemplar(1, null, ("id", smileys + "!")), Throws.ArgumentException.With.Message.Contains("129 characters"));
        Assert.That(() => new Exemplar(1, null, ("a-b", "x")), Throws.ArgumentException);
        Assert.That(() => new Exemplar(1, null, ("a", "x"), ("a", "y")), Throws.ArgumentException.With.Message.Contains("twice"));
    }

    [Test]
    public async Task A_collector_s_exemplars_and_created_times_are_shown_too()
    {
        var registry = new CollectorRegistry(options: new RegistryOptions { Exemplars = true, CreatedTimestamps = true });
        MetricFamily counter = new("c_total", "", MetricType.Counter);
        MetricFamily histogram = new("h", "", MetricType.Histogram);
        var bounds = new BucketBounds(1);
        DateTimeOffset created = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var exemplar = new Exemplar(0.5, created, ("trace_id", "abc"));
        registry.Register(new TestCollector(
            writer =>
            {
                writer.WriteCounter(counter, LabelSet.Empty, 5, exemplar, created);
                writer.WriteHistogram(histogram, LabelSet.Empty, bounds, [1, 0], 0.5, [exemplar, null], created);
            },
            counter,
            histogram));
        string body = await registry.OpenMetricsAsync();
        Assert.That(body, Does.Contain("\nc_total 5 # {trace_id=\"abc\"} 0.5 1700000000.123\nc_created 1700000000.123\n"));
        Assert.That(body, Does.Contain("\nh_bucket{le=\"1\"} 1 # {trace_id=\"abc\"} 0.5 1700000000.123\nh_bucket{le=\"+Inf\"} 1\n"));
        Assert.That((await PythonParser.OpenMetricsAsync(body)).Error, Is.Null);
    }
}
