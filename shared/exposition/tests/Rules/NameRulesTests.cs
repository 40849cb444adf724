namespace CiMetrics.Exposition.Tests;

public sealed class NameRulesTests
{
    [TestCase("")]
    [TestCase("9lives")]
    [TestCase("a-b")]
    [TestCase("a b")]
    [TestCase("é")]
    [TestCase("a\n")]
    public void An_invalid_metric_name_is_refused_by_name(string name) =>
        Assert.That(() => new MetricFamily(name, "", MetricType.Gauge), Throws.ArgumentException.With.Message.Contains($"'{name}'"));

    [TestCase("a")]
    [TestCase("_a9")]
    [TestCase(":rule:x")]
    public void A_valid_metric_name_is_taken(string name) => Assert.That(new MetricFamily(name, "", MetricType.Gauge).Name, Is.EqualTo(name));

    [TestCase("", "empty")]
    [TestCase("9", "must match")]
    [TestCase("a:b", "must match")]
    [TestCase("a-b", "must match")]
    [TestCase("ü", "must match")]
    [TestCase("__name__", "reserved")]
    [TestCase("__x", "reserved")]
    [TestCase("le", "reserved")]
    [TestCase("quantile", "reserved")]
    public void An_invalid_or_reserved_label_name_is_refused_with_family_and_rule(string label, string rule)
    {
        Assert.That(
            () => new MetricFamily("some_family", "", MetricType.Histogram, label),
            Throws.ArgumentException.With.Message.Contains("some_family").And.Message.Contains(rule));
        Assert.That(() => new CollectorRegistry(Body.Labels((label, "x"))), Throws.ArgumentException.With.Message.Contains(rule));
    }

    [Test]
    public void A_label_name_may_be_there_only_once() =>
        Assert.That(() => new MetricFamily("f", "", MetricType.Gauge, "a", "b", "a"), Throws.ArgumentException.With.Message.Contains("'a' is there twice"));

    [TestCase("_total", MetricType.Counter)]
    [TestCase("_info", MetricType.Info)]
    public void A_name_that_is_only_its_suffix_is_refused(string name, MetricType type) =>
        Assert.That(() => new MetricFamily(name, "", type), Throws.ArgumentException.With.Message.Contains("base"));

    [Test]
    public void An_info_must_be_called_info() =>
        Assert.That(() => new MetricFamily("version", "", MetricType.Info), Throws.ArgumentException.With.Message.Contains("_info"));

    [Test]
    public void A_label_set_needs_one_value_per_name()
    {
        var schema = new LabelSchema("a", "b");
        Assert.That(() => schema.WithValues("x"), Throws.ArgumentException.With.Message.Contains("1 values for 2 labels (a, b)"));
        Assert.That(() => schema.WithValues("x", null!), Throws.ArgumentNullException);
        Assert.That(schema.WithValues("x", "").ToString(), Is.EqualTo("{a=\"x\",b=\"\"}"));
    }

    [TestCase(new double[0], "at least one")]
    [TestCase(new double[] { 1, 1 }, "strictly increasing")]
    [TestCase(new double[] { 2, 1 }, "strictly increasing")]
    [TestCase(new[] { 1, double.PositiveInfinity }, "not finite")]
    [TestCase(new[] { double.NaN }, "not finite")]
    [TestCase(new double[] { -1, 1 }, "negative")]
    public void Bad_bucket_bounds_are_refused(double[] bounds, string rule) =>
        Assert.That(() => new BucketBounds(bounds), Throws.ArgumentException.With.Message.Contains(rule));
}
