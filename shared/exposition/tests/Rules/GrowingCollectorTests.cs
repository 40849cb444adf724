namespace CiMetrics.Exposition.Tests;

/// <summary>Collectors whose families come with the data.</summary>
public sealed class GrowingCollectorTests
{
    private static readonly LabelSchema Id = new("id");
    private static readonly MetricFamily First = new("m_total", "First.", MetricType.Counter, Id);

    [Test]
    public async Task A_family_is_served_in_order_from_its_first_sample_on()
    {
        List<MetricFamily> families = [First];
        var registry = Registry(writer => families.ForEach(family => writer.Write(family, Id.WithValues("a"), 1)));
        Assert.That(await registry.OwnTextAsync(), Does.Contain("m_total{id=\"a\"} 1"));
        families.Add(new MetricFamily("a_total", "Later.", MetricType.Counter, Id));
        families.Add(new MetricFamily("z_total", "Later.", MetricType.Counter, Id));
        const string Expected = "# HELP a_total Later.\n# TYPE a_total counter\na_total{id=\"a\"} 1\n# HELP m_total First.\n# TYPE m_total counter\nm_total{id=\"a\"} 1\n# HELP z_total Later.\n# TYPE z_total counter\nz_total{id=\"a\"} 1\n";
        Assert.That(await registry.OwnTextAsync(), Is.EqualTo(Expected));
        Assert.That(await registry.OwnTextAsync(), Is.EqualTo(Expected));
    }

    [Test]
    public async Task A_family_that_clashes_fails_the_collector_and_says_why()
    {
        bool clash = true;
        string? reason = null;
        var registry = Registry(writer =>
        {
            writer.Write(First, Id.WithValues("a"), 1);
            if (clash)
                writer.Write(new MetricFamily("m", "Clash.", MetricType.Gauge, Id), Id.WithValues("a"), 1);
        });
        registry.CollectorFailed = (_, exception) => reason = exception.Message;
        Assert.That(await registry.OwnTextAsync(), Does.Not.Contain("m_total"));
        Assert.That(reason, Does.Contain("m (gauge) clashes with m_total (counter)"));
        clash = false;
        Assert.That(await registry.OwnTextAsync(), Does.Contain("m_total{id=\"a\"} 1"));
    }

    [Test]
    public async Task The_other_rules_hold_for_families_that_came_later()
    {
        string? reason = null;
        var registry = Registry(writer =>
        {
            writer.Write(First, Id.WithValues("a"), 1);
            writer.Write(First, Id.WithValues("a"), 2);
        });
        registry.CollectorFailed = (_, exception) => reason = exception.Message;
        Assert.That(await registry.OwnTextAsync(), Does.Not.Contain("m_total"));
        Assert.That(reason, Does.Contain("is there twice"));
    }

    [Test]
    public async Task Instruments_and_collectors_can_be_added_while_families_grow()
    {
        List<MetricFamily> families = [];
        var registry = Registry(writer => families.ForEach(family => writer.Write(family, Id.WithValues("a"), 1)));
        for (int i = 0; i < 200; i++)
        {
            families.Add(new MetricFamily($"grown_{i}_total", "Grown.", MetricType.Counter, Id));
            Task added = Task.Run(() => registry.Factory().CreateCounter($"added_{i}_total", "Added.").Inc());
            await registry.TextAsync();
            await added;
        }

        string body = await registry.TextAsync();
        Assert.That(body.Split('\n').Count(line => line.StartsWith("grown_", StringComparison.Ordinal)), Is.EqualTo(200));
        Assert.That(body.Split('\n').Count(line => line.StartsWith("added_", StringComparison.Ordinal)), Is.EqualTo(200));
    }

    private static CollectorRegistry Registry(Action<MetricWriter> collect)
    {
        var registry = new CollectorRegistry();
        registry.Register(new Growing(collect));
        return registry;
    }

    private sealed class Growing(Action<MetricWriter> collect) : ICollector
    {
        public string Name => "growing";

        public IReadOnlyList<MetricFamily> Families => [];

        public bool HasMoreFamilies => true;

        public void Collect(MetricWriter writer) => collect(writer);
    }
}
