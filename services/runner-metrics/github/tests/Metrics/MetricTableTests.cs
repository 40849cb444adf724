using CiMetrics.Exposition;
using CiMetrics.GitHubRunner.Metrics;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.Metrics;

public sealed class MetricTableTests
{
    [Test]
    public void The_documented_metrics_are_those_of_the_code()
    {
        IEnumerable<MetricFamily> families = [.. SpecFamilies.All, .. RunnerFamilies.All, .. FleetFamilies.All];
        MetricTable.Check("github-runner-metrics",
        [
            .. families.Select(family => new DeclaredMetric(family.Name, Lower(family.Type), family.Schema.LabelNames)),
            new DeclaredMetric("github_runner_webhook_deliveries_total", "counter", ["result"]),
            new DeclaredMetric("github_runner_api_calls_total", "counter", ["result"]),
        ]);
    }

#pragma warning disable CA1308 // Types are lower-case words in the text format.
    private static string Lower(MetricType type) => type.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
