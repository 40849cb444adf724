using CiMetrics.Exposition;

namespace CiMetrics.Hosting;

/// <summary>Whether the service's background loops are running.</summary>
internal sealed class LoopCollector(BackgroundLoops loops) : ICollector
{
    private static readonly MetricFamily Running = new(
        "exporter_loop_running", "1 while this background loop of the exporter runs, 0 once it has ended.", MetricType.Gauge, "loop");

    private readonly Dictionary<string, LabelSet> _labels = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => "loops";

    /// <inheritdoc/>
    public IReadOnlyList<MetricFamily> Families => [Running];

    /// <inheritdoc/>
    public void Collect(MetricWriter writer)
    {
        foreach (var (name, running) in loops.States)
        {
            if (!_labels.TryGetValue(name, out var labels))
                _labels.Add(name, labels = Running.Schema.WithValues(name));
            writer.Write(Running, labels, running ? 1L : 0L);
        }
    }
}
