using CiMetrics.Exposition;
using CiMetrics.RunnerExporter.Sampling;
using CiMetrics.RunnerExporter.State;

namespace CiMetrics.RunnerExporter.Metrics;

/// <summary>Shows how well the exporter sees: from where, how long ago, and what went wrong.</summary>
internal sealed class HealthCollector(Func<BuildSnapshot> snapshot, Trouble trouble, HostView view, TimeProvider time) : ICollector
{
    private static readonly LabelSet[] Reasons = [.. Trouble.Reasons.Select(reason => HealthFamilies.ReasonLabels.WithValues(HealthFamilies.Label(reason)))];

    private static readonly LabelSet OfCgroup = HealthFamilies.SourceLabels.WithValues(HealthFamilies.Label(FigureSource.Cgroup));
    private static readonly LabelSet OfApi = HealthFamilies.SourceLabels.WithValues(HealthFamilies.Label(FigureSource.Api));

    private readonly LabelSet _mode = HealthFamilies.ModeLabels.WithValues(HealthFamilies.Label(view.Figures), view.Cgroup, view.FinalSample ? "yes" : "no");

    public string Name => "health";

    public IReadOnlyList<MetricFamily> Families => HealthFamilies.All;

    public void Collect(MetricWriter writer)
    {
        writer.Write(HealthFamilies.Reconnects, trouble.Reconnects);
        // From the beginning, so that the first error is an increase.
        for (int reason = 0; reason < Reasons.Length; reason++) writer.Write(HealthFamilies.Errors, Reasons[reason], trouble.Of(Trouble.Reasons[reason]));
        writer.Write(HealthFamilies.Mode, _mode, 1);
        DateTimeOffset now = time.GetUtcNow();
        long cgroup = 0, api = 0;
        foreach (BuildView build in snapshot().Builds)
        {
            if (build.Usage?.Source == SampleSource.CgroupFiles) cgroup++;
            else if (build.Usage is not null) api++;
            // A sample that comes in at this moment, or a clock that was set back, is no older than nothing.
            if (build.Totals is { } last) writer.Write(HealthFamilies.SampleAge, build.Labels, Math.Max(0, (now - last.Time).TotalSeconds));
        }

        writer.Write(HealthFamilies.Sampled, OfCgroup, cgroup);
        writer.Write(HealthFamilies.Sampled, OfApi, api);
    }
}
