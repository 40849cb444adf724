namespace CiMetrics.Exposition.Tests;

public sealed class BodyTests
{
    [Test]
    public async Task Both_formats_have_the_same_series_and_differ_in_metadata_only()
    {
        CollectorRegistry registry = Sample(out _);
        string text = await registry.TextAsync();
        string openMetrics = await registry.OpenMetricsAsync();
        CiMetrics.Testing.Golden.Check(text, "text.golden");
        CiMetrics.Testing.Golden.Check(openMetrics, "openmetrics.golden");
        Assert.That(Series(openMetrics), Is.EqualTo(Series(text)));
    }

    [Test]
    public async Task Families_are_in_ordinal_order_with_one_HELP_and_TYPE_each()
    {
        string[] names = [.. (await Sample(out _).TextAsync()).Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];
        Assert.That(names, Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(names, Is.Unique);
    }

    [Test]
    public async Task Interleaved_writing_still_gives_one_group_per_family()
    {
        var schema = new LabelSchema("id");
        MetricFamily a = new("a", "A.", MetricType.Gauge, schema);
        MetricFamily b = new("b", "B.", MetricType.Gauge, schema);
        var registry = new CollectorRegistry();
        registry.Register(new TestCollector(
            writer =>
            {
                for (int i = 0; i < 3; i++)
                {
                    LabelSet labels = schema.WithValues($"{i}");
                    writer.Write(b, labels, i);
                    writer.Write(a, labels, i + .5);
                }
            },
            b,
            a));
        Assert.That(await registry.OwnTextAsync(), Is.EqualTo(
            "# HELP a A.\n# TYPE a gauge\na{id=\"0\"} 0.5\na{id=\"1\"} 1.5\na{id=\"2\"} 2.5\n"
            + "# HELP b B.\n# TYPE b gauge\nb{id=\"0\"} 0\nb{id=\"1\"} 1\nb{id=\"2\"} 2\n"));
    }

    [Test]
    public async Task A_family_without_series_is_left_out()
    {
        var registry = new CollectorRegistry();
        registry.Factory().CreateGauge("empty", "Nothing yet.", "id");
        Assert.That(await registry.TextAsync(), Is.Empty);
        Assert.That(await registry.OpenMetricsAsync(), Is.EqualTo("# EOF\n"));
    }

    [Test]
    public async Task A_family_without_labels_is_there_from_the_start_with_zero()
    {
        var registry = new CollectorRegistry();
        registry.Factory().CreateCounter("a_total", "A.");
        registry.Factory().CreateHistogram("h", "H.", [1]);
        Assert.That(await registry.OwnTextAsync(), Does.Contain("\na_total 0\n").And.Contain("\nh_count 0\n"));
    }

    [Test]
    public async Task Static_labels_follow_the_own_labels_of_every_series()
    {
        var registry = new CollectorRegistry(Body.Labels(("host", "h\"1"), ("env", "ci")));
        registry.Factory().CreateGauge("a", "A.").Set(1);
        registry.Factory().CreateGauge("b", "B.", "id").WithLabels("x").Set(2);
        registry.Factory().CreateHistogram("c", "C.", [1]).Observe(3);
        registry.Factory().CreateHistogram("d", "D.", [1], "id").WithLabels("x").Observe(3);
        string body = await registry.OwnTextAsync();
        Assert.That(body, Does.Contain("\na{env=\"ci\",host=\"h\\\"1\"} 1\n"));
        Assert.That(body, Does.Contain("\nb{id=\"x\",env=\"ci\",host=\"h\\\"1\"} 2\n"));
        Assert.That(body, Does.Contain("\nc_bucket{env=\"ci\",host=\"h\\\"1\",le=\"+Inf\"} 1\n"));
        Assert.That(body, Does.Contain("\nd_bucket{id=\"x\",env=\"ci\",host=\"h\\\"1\",le=\"1\"} 0\n"));
    }

    [Test]
    public async Task A_lone_surrogate_becomes_the_replacement_character()
    {
        var registry = new CollectorRegistry();
        registry.Factory().CreateGauge("a", "half \ud800", "id").WithLabels("\udc00!").Set(1);
        Assert.That(await registry.OwnTextAsync(), Is.EqualTo("# HELP a half \ufffd\n# TYPE a gauge\na{id=\"\ufffd!\"} 1\n"));
    }

    [Test]
    public async Task A_line_longer_than_any_pooled_buffer_is_whole()
    {
        string value = new('x', 200_000);
        var registry = new CollectorRegistry();
        registry.Factory().CreateGauge("a", "A.", "id").WithLabels(value).Set(1);
        Assert.That(await registry.OwnTextAsync(), Does.EndWith($"\na{{id=\"{value}\"}} 1\n"));
    }

    /// <summary>One of everything.</summary>
    internal static CollectorRegistry Sample(out MetricFactory factory)
    {
        var registry = new CollectorRegistry();
        factory = registry.Factory();
        factory.CreateCounter("ci_jobs_total", "Jobs, a \\ and a \"quote\"\nand a line.", "result").WithLabels("failed \"\\\n").Inc(2);
        factory.CreateCounter("ci_docker_machines", "A counter that its spec names without the suffix.").Inc(3);
        factory.CreateGauge("ci_load", "Load.").Set(0.25);
        Histogram histogram = factory.CreateHistogram("ci_duration_seconds", "Duration.", [0.005, 1, 60], "stage");
        histogram.WithLabels("build").Observe(0.005);
        histogram.WithLabels("build").Observe(30);
        histogram.WithLabels("build").Observe(90);
        factory.CreateInfo("ci_build_info", "Version.", ("version", "1.2.3"));
        return registry;
    }

    private static string[] Series(string body) => [.. body.Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
}
