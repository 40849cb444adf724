using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests.Foreign;

/// <summary>Another program's text beside a registry's own families.</summary>
public sealed class ForeignTextTests
{
    private const string Good = """
        # HELP go_gc_duration_seconds A "summary"\nof pauses.
        # TYPE go_gc_duration_seconds summary
        go_gc_duration_seconds{quantile="0"} 1.5e-05
        go_gc_duration_seconds{quantile="1"} 0.25
        go_gc_duration_seconds_sum 0.5
        go_gc_duration_seconds_count 7
        # HELP jobs Jobs.
        # TYPE jobs gauge
        jobs{runner="a\\b\"c\nd",state="running",} 2
        jobs{runner="a"} NaN
        # TYPE jobs_total counter
        jobs_total 12
        # TYPE seconds histogram
        seconds_bucket{le="1"} 1
        seconds_bucket{le="+Inf"} 3
        seconds_sum 9
        seconds_count 3
        untold{a=""} -Inf

        """;

    [Test]
    public async Task Whole_families_are_served_in_both_formats_with_the_labels_of_the_registry()
    {
        CollectorRegistry registry = With(Good, Body.Labels(("env", "x")), out Foreigners foreigners);
        string text = await registry.TextAsync();
        Assert.That(foreigners.Scrape.Malformed, Is.Zero);
        Assert.That(text, Does.Contain("go_gc_duration_seconds{env=\"x\",quantile=\"1.0\"} 0.25\n").Or.Contain("go_gc_duration_seconds{env=\"x\",quantile=\"1\"} 0.25\n"));
        Assert.That(text, Does.Contain("""jobs{runner="a\\b\"c\nd",state="running",env="x"} 2"""));
        Assert.That(text, Does.Contain("# TYPE jobs_total counter\njobs_total{env=\"x\"} 12").And.Contain("# TYPE untold untyped\nuntold{env=\"x\"} -Inf\n"));
        (int exitCode, string output) = await Promtool.CheckMetricsAsync(text);
        Assert.That(exitCode, Is.Not.EqualTo(1), output);

        string openMetrics = await registry.OpenMetricsAsync();
        Assert.That(openMetrics, Does.Contain("# TYPE jobs_total unknown\n").And.Contain("# TYPE untold unknown\n").And.EndWith("# EOF\n"));
        Assert.That(openMetrics, Does.Contain("""A \"summary\"\nof pauses."""));
    }

    [TestCase("# TYPE own_total counter\nown_total 5\n", TestName = "the same family")]
    [TestCase("own 5\n", TestName = "its name in OpenMetrics")]
    public async Task A_family_of_the_registry_gives_way_to_one_that_parsers_take_for_the_same(string text)
    {
        CollectorRegistry registry = With(text, [], out Foreigners foreigners);
        registry.Factory().CreateCounter("own_total", "Ours.").Inc(1);
        registry.Factory().CreateGauge("other", "Ours.").Set(3);
        string body = await registry.TextAsync();
        Assert.That(body, Does.Contain("other 3\n").And.Not.Contain("own_total 1\n").And.EndWith(" 5\n"));
        Assert.That(foreigners.GaveWay, Is.EqualTo(1));
        foreigners.IsThere = false;
        Assert.That(await registry.TextAsync(), Does.Contain("own_total 1\n").And.Not.Contain(" 5\n"));
    }

    [TestCase("x 1 1700000000000\n", TestName = "a timestamp")]
    [TestCase("x 1\nx 2\n", TestName = "a series twice")]
    [TestCase("x{a=\"1\",b=\"2\"} 1\nx{b=\"2\",a=\"1\"} 1\n", TestName = "a series twice in another order")]
    [TestCase("x 1\nx{a=\"\"} 2\n", TestName = "an empty label is none")]
    [TestCase("x 1\ngood 1\nx{a=\"1\"} 2\n", TestName = "lines apart")]
    [TestCase("# TYPE x gauge\n# TYPE x gauge\nx 1\n", TestName = "two types")]
    [TestCase("# TYPE x gadget\nx 1\n", TestName = "no such type")]
    [TestCase("# TYPE x counter\nx -1\n", TestName = "a negative counter")]
    [TestCase("# HELP x \\q\nx 1\n", TestName = "no such escape")]
    [TestCase("x{a=\"1\\q\"} 1\n", TestName = "no such escape in a label")]
    [TestCase("x{a=\"1\"}1\n", TestName = "no blank")]
    [TestCase("x{a=\"1} 1\n", TestName = "no closing quote")]
    [TestCase("x{a=\"1\",a=\"2\"} 1\n", TestName = "a label twice")]
    [TestCase("x{a-b=\"1\"} 1\n", TestName = "no label name")]
    [TestCase("x{__name__=\"good\"} 1\n", TestName = "a reserved label")]
    [TestCase("x{le=\"1\"} 1\n", TestName = "le of no histogram")]
    [TestCase("x{env=\"theirs\"} 1\n", TestName = "a static label")]
    [TestCase("x 0x10\n", TestName = "no number")]
    [TestCase("x 1,5\n", TestName = "a comma")]
    [TestCase("x\n", TestName = "no value")]
    [TestCase("x 1\r\n", TestName = "a carriage return")]
    [TestCase("x{a=\"\0\"} 1\n", TestName = "a zero byte")]
    [TestCase("# TYPE x histogram\nx_bucket{le=\"1\"} 1\nx_sum 1\nx_count 1\n", TestName = "no last bucket")]
    [TestCase("# TYPE x histogram\nx_bucket{le=\"1\"} 3\nx_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 1\n", TestName = "buckets that fall")]
    [TestCase("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 2\n", TestName = "a count of another kind")]
    [TestCase("# TYPE x summary\nx{quantile=\"2\"} 3\nx_sum 1\nx_count 1\n", TestName = "a quantile beyond one")]
    public async Task A_family_with_a_mistake_is_left_out_whole_and_the_others_are_not(string text)
    {
        CollectorRegistry registry = With("before 1\n" + text + "# TYPE after gauge\nafter 1\n", Body.Labels(("env", "y")), out Foreigners foreigners);
        string body = await registry.TextAsync();
        Assert.That(foreigners.Scrape.Malformed, Is.EqualTo(1));
        Assert.That(body, Does.Contain("before{env=\"y\"} 1\n").And.Contain("after{env=\"y\"} 1\n"));
        Assert.That(body.Split('\n').Where(line => line.StartsWith('x') || line.Contains(" x ", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Bytes_that_are_no_text_and_a_text_that_was_cut_off_break_what_they_belong_to()
    {
        byte[] noText = [.. "before 1\nx{a=\""u8, 0xFF, .. "\"} 1\n# TYPE after gauge\nafter 1\n"u8];
        Assert.That(ForeignText.Read(noText, Body.Labels()), Has.Property("Malformed").EqualTo(1));
        ForeignScrape cut = ForeignText.Read("a 1\nb 12"u8, Body.Labels());
        Assert.That(cut.Families.Select(family => family.Name), Is.EqualTo(new[] { "a" }));
        Assert.That(cut.Malformed, Is.EqualTo(1));
    }

    [Test]
    public void Too_many_lines_are_refused() =>
        Assert.That(() => ForeignText.Read(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a 1\n", ForeignText.MostLines + 1))), Body.Labels()), Throws.TypeOf<InvalidDataException>());

    /// <summary>Whatever is done to a good text, the body stays one that parsers take.</summary>
    [Test]
    public async Task A_damaged_text_does_not_damage_the_body()
    {
        Random random = Seed.Random(out _);
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(Good);
            for (int damage = random.Next(1, 6); damage > 0; damage--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : bytes[random.Next(bytes.Length)];
            CollectorRegistry registry = With(bytes, [], out _);
            registry.Factory().CreateGauge("jobs", "Ours.").Set(1);
            string body = await registry.TextAsync();
            string[] names = [.. body.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))];
            Assert.That(names, Is.Unique);
            Assert.That(new ScrapedText(body).Samples, Is.Not.Empty);
            if (i % 20 != 0) continue;
            (int exitCode, string output) = await Promtool.CheckMetricsAsync(body);
            Assert.That(exitCode, Is.Not.EqualTo(1), output + body);
        }
    }

    private static CollectorRegistry With(string text, Dictionary<string, string> statics, out Foreigners foreigners) =>
        With(Encoding.UTF8.GetBytes(text), statics, out foreigners);

    private static CollectorRegistry With(byte[] text, Dictionary<string, string> statics, out Foreigners foreigners)
    {
        CollectorRegistry registry = new(statics);
        registry.Foreign = foreigners = new Foreigners(ForeignText.Read(text, registry.StaticLabels));
        return registry;
    }

    private sealed class Foreigners(ForeignScrape scrape) : IForeignFamilies
    {
        public ForeignScrape Scrape => scrape;

        public bool IsThere { get; set; } = true;

        public int GaveWay { get; private set; }

        public IReadOnlyList<ForeignFamily> Families => IsThere ? scrape.Families : [];

        public void Replaced(int families) => GaveWay += families;
    }
}
