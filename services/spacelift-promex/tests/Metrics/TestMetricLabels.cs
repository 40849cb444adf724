using CiMetrics.Exposition;
using CiMetrics.Spacelift.Metrics;

namespace CiMetrics.Spacelift.Tests.Metrics;

/// <summary>The cases that the users' document lists under this name.</summary>
public sealed class TestMetricLabels
{
    private static IEnumerable<MetricFamily> Families => StackFamilies.All;

    [TestCaseSource(nameof(Families))]
    public void Label_configuration_is_exactly_state_stack_and_space(MetricFamily family) =>
        Assert.That(family.Schema.LabelNames, Is.EquivalentTo(new[] { "state", "stack", "space" }));

    [TestCaseSource(nameof(Families))]
    public void Metric_creation_works_with_all_three_labels(MetricFamily family) =>
        Assert.That(() => family.Schema.WithValues("root", "infrastructure-prod", "FINISHED"), Throws.Nothing);

    [TestCaseSource(nameof(Families))]
    public void Label_validation_refuses_another_number_of_labels(MetricFamily family)
    {
        Assert.That(() => family.Schema.WithValues("FINISHED"), Throws.ArgumentException);
        Assert.That(() => family.Schema.WithValues("root", "stack", "FINISHED", "more"), Throws.ArgumentException);
    }
}
