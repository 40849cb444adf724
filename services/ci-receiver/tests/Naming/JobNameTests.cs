using CiMetrics.Exposition;
using CiMetrics.Receiver.Metrics;
using CiMetrics.Receiver.Naming;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.Naming;

public sealed class JobNameTests
{
    [TestCase("dotnet_build", "dotnet_build")]
    [TestCase("Dotnet Build", "dotnet_build")]
    [TestCase("build:linux", "build_linux")]
    [TestCase("build: [linux, amd64]", "build", Description = "parallel:matrix")]
    [TestCase("test 1/3", "test", Description = "parallel")]
    [TestCase("test:unit: [a] 2/12", "test_unit")]
    [TestCase("1/3", "1_3")]
    [TestCase("  --deploy--  prod!! ", "deploy_prod")]
    [TestCase("3.11 tests", "3_11_tests")]
    [TestCase("a__b", "a_b")]
    [TestCase("Öl prüfen", "l_pr_fen")]
    public void A_name_becomes_a_part_of_a_metric_s_name(string raw, string expected)
    {
        JobName name = JobName.Of(raw);
        Assert.That((name.Value, name.Change), Is.EqualTo((expected, NameChange.None)));
    }

    [TestCase("build_total")]
    [TestCase("build bucket")]
    [TestCase("build_count")]
    [TestCase("build_sum")]
    [TestCase("build_created")]
    [TestCase("build_info")]
    [TestCase("build_duration")]
    [TestCase("total")]
    public void A_name_that_ends_like_a_derived_series_gets_another_end(string raw)
    {
        JobName name = JobName.Of(raw);
        Assert.That(name.Change, Is.EqualTo(NameChange.Reserved));
        Assert.That(name.Value, Is.EqualTo(raw.Replace(' ', '_') + "_job"));
    }

    [Test]
    public void A_name_without_a_letter_or_digit_is_replaced_by_a_hash_of_it()
    {
        JobName name = JobName.Of("构建");
        Assert.That(name.Value, Does.Match("^job_[0-9a-f]{8}$"));
        Assert.That(JobName.Of("测试").Value, Is.Not.EqualTo(name.Value));
        Assert.That(name.Change, Is.EqualTo(NameChange.Replaced));
    }

    [Test]
    public void A_long_name_is_cut_and_stays_different_from_others()
    {
        JobName name = JobName.Of(new string('a', 500));
        Assert.That(name.Value, Has.Length.EqualTo(128));
        Assert.That(JobName.Of(new string('a', 501)).Value, Is.Not.EqualTo(name.Value));
    }

    [Test]
    public async Task Any_two_names_make_families_that_stand_beside_each_other()
    {
        Random random = Seed.Random(out _);
        string[] parts = ["a", "b", "_", " ", "_total", "_duration", "_bucket", "_count", "_sum", "_created", "_info", "_job", "总", "-", "1", ": [x]", " 1/2"];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < 3000; i++)
        {
            string raw = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)]));
            if (raw.Trim().Length > 0) names.Add(JobName.Of(raw).Value);
        }

        // The registry refuses families that a parser could take for each other.
        CollectorRegistry registry = new();
        List<string> failures = [];
        registry.CollectorFailed = (_, exception) => failures.Add(exception.Message);
        registry.Register(new Families([.. names.Select(name => new JobFamilies(name)).SelectMany(families => new[] { families.Total, families.Duration })]));
        using Scrape scrape = await registry.ScrapeAsync(ScrapeFormat.Text);
        Assert.That(failures, Is.Empty);
    }

    private sealed class Families(MetricFamily[] families) : ICollector
    {
        public string Name => "families";

        IReadOnlyList<MetricFamily> ICollector.Families => families;

        public void Collect(MetricWriter writer)
        {
        }
    }
}
