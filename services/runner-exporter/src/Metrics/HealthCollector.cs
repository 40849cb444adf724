using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Shows errors, reconnects and how old what is shown of a build is.</summary>
internal sealed class HealthCollector(Func<BuildSnapshot> snapshot, Trouble trouble, TimeProvider time) : ICollector
{
    private static readonly LabelSet[] Reasons = [.. Trouble.Reasons.Select(reason => HealthFamilies.ReasonLabels.WithValues(HealthFamilies.Label(reason)))];

    public string Name => "health";

    public IReadOnlyList<MetricFamily> Families => HealthFamilies.All;

    public void Collect(MetricWriter writer)
    {
        writer.Write(HealthFamilies.Reconnects, trouble.Reconnects);
        // From the beginning, so that the first error is an increase.
        for (int reason = 0; reason < Reasons.Length; reason++) writer.Write(HealthFamilies.Errors, Reasons[reason], trouble.Of(Trouble.Reasons[reason]));
        DateTimeOffset now = time.GetUtcNow();
        foreach (BuildView build in snapshot().Builds)
        {
            // A sample that comes in at this moment, or a clock that was set back, is no older than nothing.
            if (build.Totals is { } last) writer.Write(HealthFamilies.SampleAge, build.Labels, Math.Max(0, (now - last.Time).TotalSeconds));
        }
    }
}
