using CiMetrics.AlloyRunner.Metrics;
using CiMetrics.Exposition;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public void The_documented_metrics_are_those_of_the_code() => MetricTable.Check(
        "alloy-runner-metrics",
        DocFamilies.All
            .Concat(RunnerProcessCollector.All)
            .Concat(JobFamilies.All)
            .Concat(HealthCollector.All)
            .Concat(AlloyFamilies.All)
            .Concat(GitLabFamilies.All)
            .Append(VersionCollector.FamilyOf(Profile.Doc))
            .Append(VersionCollector.FamilyOf(Profile.GitLab))
            // The builds have one name in two profiles, with more labels in the later one: the document's is in the table.
            .Where(family => family != AlloyFamilies.Builds)
            .Select(family => new DeclaredMetric(family.Name, Type(family.Type), family.Schema.LabelNames))
            .Append(new DeclaredMetric("runner_relay_failures_total", "counter", []))
            .Append(new DeclaredMetric("runner_relay_up", "gauge", []))
            .Append(new DeclaredMetric("runner_relay_families_dropped_total", "counter", ["reason"]))
            .Append(new DeclaredMetric("runner_relay_conflicts_total", "counter", [])));

#pragma warning disable CA1308 // Types are lower-case words in the text format.
    private static string Type(MetricType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
