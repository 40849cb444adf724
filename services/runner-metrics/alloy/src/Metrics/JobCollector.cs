using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Observing;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Exposition;

namespace CiMetrics.AlloyRunner.Metrics;

/// <summary>Writes what goes beyond the users' document.</summary>
internal sealed class JobCollector(Func<RunnerSnapshot> snapshot, Func<ProcessView> process, Func<RunnerConfig?> config) : ICollector
{
    public string Name => "jobs";

    public IReadOnlyList<MetricFamily> Families => JobFamilies.All;

    public void Collect(MetricWriter writer)
    {
        RunnerSnapshot now = snapshot();
        writer.Write(JobFamilies.Up, process().Sample is null ? 0L : 1L);
        writer.Write(JobFamilies.Restarts, now.Restarts);
        foreach ((string runner, long count) in now.Started) writer.Write(JobFamilies.Started, JobFamilies.RunnerLabels.WithValues(runner), count);
        foreach (((string runner, JobResult result), long count) in now.Finished)
            writer.Write(JobFamilies.Finished, JobFamilies.ResultLabels.WithValues(runner, Label(result)), count);
        foreach ((string runner, Durations seconds) in now.JobSeconds)
            writer.WriteHistogram(JobFamilies.JobSeconds, JobFamilies.RunnerLabels.WithValues(runner), Durations.JobBounds, seconds.Counts, seconds.Sum);
        foreach ((string stage, Durations seconds) in now.StageSeconds)
            writer.WriteHistogram(JobFamilies.StageSeconds, JobFamilies.StageLabels.WithValues(stage), Durations.StageBounds, seconds.Counts, seconds.Sum);
        writer.WriteHistogram(JobFamilies.QueueSeconds, LabelSet.Empty, Durations.QueueBounds, now.QueueSeconds.Counts, now.QueueSeconds.Sum);
        foreach ((string level, long count) in now.Errors) writer.Write(JobFamilies.LogMessages, JobFamilies.LevelLabels.WithValues(level), count);
        writer.Write(JobFamilies.ContactFailures, now.ContactFailures);
        if (now.LastContact is { } contact) writer.Write(JobFamilies.LastContact, contact.ToUnixTimeMilliseconds() / 1000d);
        if (now.ConfigOk is { } ok) writer.Write(JobFamilies.ConfigOk, ok ? 1L : 0L);
        if (now.ConfigReadAt is { } read) writer.Write(JobFamilies.ConfigTime, read.ToUnixTimeMilliseconds() / 1000d);
        if (config() is { } settings) Write(writer, settings, now);
    }

    /// <summary>The value of the label.</summary>
    internal static string Label(JobResult result) => result switch
    {
        JobResult.Success => "success",
        JobResult.ScriptFailure => "script_failure",
        JobResult.SystemFailure => "runner_system_failure",
        JobResult.Canceled => "canceled",
        JobResult.TimedOut => "timedout",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result, "has no label"),
    };

    private static void Write(MetricWriter writer, RunnerConfig settings, RunnerSnapshot now)
    {
        if (settings.Concurrent is { } concurrent)
        {
            writer.Write(JobFamilies.Concurrency, concurrent);
            writer.Write(JobFamilies.Saturation, now.Running / (double)concurrent);
        }
        foreach ((string label, RunnerEntry runner) in Limits.Of(settings, now))
        {
            LabelSet labels = JobFamilies.RunnerLabels.WithValues(label);
            writer.Write(JobFamilies.Limit, labels, runner.Limit);
            writer.Write(JobFamilies.RequestConcurrency, labels, runner.RequestConcurrency);
        }
    }
}
