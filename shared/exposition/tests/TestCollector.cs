namespace CiMetrics.Exposition.Tests;

/// <summary>A collector made of a function.</summary>
internal sealed class TestCollector(Action<MetricWriter> collect, params MetricFamily[] families) : ICollector
{
    public string Name { get; init; } = "test";

    public IReadOnlyList<MetricFamily> Families => families;

    public void Collect(MetricWriter writer) => collect(writer);
}
