using CiMetrics.Exposition;

namespace CiMetrics.Sidecar.Intake;

/// <summary>What the intake counts.</summary>
internal sealed class IntakeCounts(MetricFactory metrics)
{
    /// <summary>Files whose events are in the spool.</summary>
    public Counter Taken { get; } = metrics.CreateCounter("ci_sidecar_files_total", "Files of jobs whose events were put into the spool.");

    /// <summary>Files that hold no event.</summary>
    public Counter Quarantined { get; } = metrics.CreateCounter("ci_sidecar_files_quarantined_total", "Files that hold no event and were put aside with the reason.");

    /// <summary>Files from before the own job that were dropped.</summary>
    public Counter StaleDropped { get; } = metrics.CreateCounter("ci_sidecar_files_stale_dropped_total", "Files older than the sidecar's own job, dropped as --stale=drop says.");

    /// <summary>Looks that failed.</summary>
    public Counter Errors { get; } = metrics.CreateCounter("ci_sidecar_intake_errors_total", "Troubles with a job's file or folder or with the spool; the file is tried again. One that lasts counts once.");
}
