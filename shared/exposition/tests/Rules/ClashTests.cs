using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests;

/// <summary>Families that one parser or the other takes for one. The strict Python parser is asked whether the rule is true.</summary>
public sealed class ClashTests
{
    [TestCase("x", MetricType.Gauge, "x", MetricType.Gauge)]
    [TestCase("x", MetricType.Gauge, "x", MetricType.Histogram)]
    [TestCase("x", MetricType.Gauge, "x_total", MetricType.Counter)]
    [TestCase("x_total", MetricType.Gauge, "x_total", MetricType.Counter)]
    [TestCase("x_created", MetricType.Gauge, "x_total", MetricType.Counter)]
    [TestCase("x", MetricType.Counter, "x_total", MetricType.Counter)]
    [TestCase("x", MetricType.Histogram, "x_bucket", MetricType.Gauge)]
    [TestCase("x", MetricType.Histogram, "x_count", MetricType.Gauge)]
    [TestCase("x", MetricType.Histogram, "x_sum", MetricType.Counter)]
    [TestCase("x", MetricType.Histogram, "x_created", MetricType.Gauge)]
    [TestCase("x", MetricType.Histogram, "x_total", MetricType.Counter)]
    [TestCase("x", MetricType.Histogram, "x_count_total", MetricType.Counter)]
    [TestCase("x", MetricType.Gauge, "x_info", MetricType.Info)]
    [TestCase("x_info", MetricType.Gauge, "x_info", MetricType.Info)]
    public async Task Two_families_that_clash_are_refused_in_either_order(string first, MetricType firstType, string second, MetricType secondType)
    {
        foreach ((MetricFamily a, MetricFamily b) in Orders(first, firstType, second, secondType))
        {
            var registry = new CollectorRegistry();
            registry.Register(Collector("one", a));
            Assert.That(
                () => registry.Register(Collector("two", b)),
                Throws.InvalidOperationException.With.Message.Contains(a.Name).And.Message.Contains(b.Name));

            // Nothing of a refused collector stays: its name and families are free.
            registry.Register(Collector("two", new MetricFamily("another", "", MetricType.Gauge)));
        }

        ParsedBody parsed = await PythonParser.OpenMetricsAsync(await TogetherAsync(Orders(first, firstType, second, secondType)[0]));
        Assert.That(parsed.Error, Is.Not.Null, "the strict parser accepts them: the rule is too strict");
    }

    [TestCase("x", MetricType.Histogram, "x_duration", MetricType.Gauge)]
    [TestCase("x", MetricType.Histogram, "x_buckets", MetricType.Gauge)]
    [TestCase("x", MetricType.Gauge, "x_count", MetricType.Gauge)]
    [TestCase("x", MetricType.Counter, "x_count", MetricType.Counter)]
    [TestCase("ci_docker_machines", MetricType.Counter, "ci_docker_machines_provider", MetricType.Gauge)]
    [TestCase("x", MetricType.Gauge, "x_info", MetricType.Gauge)]
    public async Task Two_families_that_only_look_alike_are_accepted_and_so_they_are_by_the_strict_parser(
        string first, MetricType firstType, string second, MetricType secondType)
    {
        foreach ((MetricFamily a, MetricFamily b) in Orders(first, firstType, second, secondType))
        {
            var registry = new CollectorRegistry();
            registry.Register(Collector("both", a, b));
            Assert.That((await PythonParser.OpenMetricsAsync(await registry.OpenMetricsAsync())).Error, Is.Null);
            Assert.That((await Promtool.CheckMetricsAsync(await registry.TextAsync())).ExitCode, Is.AnyOf(0, 3), "0 is good, 3 style, 1 does not parse");
        }
    }

    [Test]
    public void An_instrument_clashes_like_any_family()
    {
        MetricFactory factory = new CollectorRegistry().Factory();
        factory.CreateHistogram("h", "", [1]);
        Assert.That(() => factory.CreateGauge("h_count", ""), Throws.InvalidOperationException.With.Message.Contains("parsers take 'h_count' for both"));
        Assert.That(() => factory.CreateGauge("h", ""), Throws.InvalidOperationException.With.Message.Contains("registered already"));
    }

    [Test]
    public void Two_collectors_cannot_have_one_name()
    {
        var registry = new CollectorRegistry();
        registry.Register(Collector("builds", new MetricFamily("a", "", MetricType.Gauge)));
        Assert.That(
            () => registry.Register(Collector("builds", new MetricFamily("b", "", MetricType.Gauge))),
            Throws.InvalidOperationException.With.Message.Contains("'builds'"));
    }

    [Test]
    public void A_label_of_the_registry_cannot_be_a_family_s_own()
    {
        var registry = new CollectorRegistry(Body.Labels(("host", "a")));
        Assert.That(
            () => registry.Factory().CreateGauge("g", "", "host"),
            Throws.ArgumentException.With.Message.Contains("g: label 'host' is a static label"));
    }

    private static (MetricFamily First, MetricFamily Second)[] Orders(string first, MetricType firstType, string second, MetricType secondType)
    {
        MetricFamily a = new(first, "A.", firstType);
        MetricFamily b = new(second, "B.", secondType);
        return [(a, b), (b, a)];
    }

    private static TestCollector Collector(string name, params MetricFamily[] families) =>
        new(writer => Array.ForEach(families, family => Write(writer, family)), families) { Name = name };

    private static void Write(MetricWriter writer, MetricFamily family)
    {
        if (family.Type == MetricType.Histogram)
            writer.WriteHistogram(family, LabelSet.Empty, new BucketBounds(1), [1, 1], 3);
        else
            writer.Write(family, 1);
    }

    /// <summary>The two in one body, as it would be without the rule.</summary>
    private static async Task<string> TogetherAsync((MetricFamily A, MetricFamily B) families)
    {
        var body = new System.Text.StringBuilder();
        foreach (MetricFamily family in new[] { families.A, families.B })
        {
            var registry = new CollectorRegistry(options: new RegistryOptions { CreatedTimestamps = true });
            registry.Register(Collector("one", family));
            body.Append((await registry.OpenMetricsAsync()).Replace("# EOF\n", "", StringComparison.Ordinal));
        }

        // The counter of errors is in both; one is enough.
        IEnumerable<string> lines = body.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("exporter_collector_errors", StringComparison.Ordinal));
        return string.Join('\n', lines) + "\n# EOF\n";
    }
}
