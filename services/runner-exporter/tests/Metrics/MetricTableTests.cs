using CiMetrics.RunnerExporter.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.RunnerExporter.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public void The_documented_metrics_are_those_of_the_code() => MetricTable.Check(
        "runner-exporter",
        BuildFamilies.All.Concat(DetailFamilies.All).Concat(RunnerFamilies.All).Concat(HealthFamilies.All).Select(family => new DeclaredMetric(family.Name, Type(family.Type), family.Schema.LabelNames)));

#pragma warning disable CA1308 // Types are lower-case words in the text format.
    private static string Type(Exposition.MetricType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
