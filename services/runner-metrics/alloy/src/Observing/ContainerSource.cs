using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.State;
using CiMetrics.Docker;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>
/// Watches the containers of jobs where the runner has a docker executor, for as long as the service runs. The engine is
/// optional: without it the jobs are known from the log, and what they do is not.
/// </summary>
internal sealed partial class ContainerSource(
    DockerClient engine, ProcFolder proc, RunnerMonitor monitor, Func<RunnerConfig?> config, TimeSpan helperInterval, ContainerHealth health, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WantedInterval = TimeSpan.FromSeconds(5);

    private DockerFailureKind? _down;

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        TimeSpan pause = ShortestPause;
        while (true)
        {
            if (!(health.IsWanted = IsWanted(config())))
            {
                await Task.Delay(WantedInterval, time, stopping);
                continue;
            }
            using ContainerWatch watch = new(engine, proc, monitor, helperInterval, () => IsWanted(config()), time);
            if (await watch.RunAsync(Up, stopping) is { } failure) Down(failure);
            pause = health.IsUp ? ShortestPause : pause;
            health.IsUp = false;
            // What they do is not known any more.
            monitor.Apply(new RunnerEvent.JobsSeen(JobSight.Containers, null));
            await Task.Delay(pause, time, stopping);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // A configuration that cannot be read says nothing against it.
    private static bool IsWanted(RunnerConfig? config) => config is null || config.Runners.Any(runner => JobExecutors.SightOf(runner.Executor) == JobSight.Containers);

    private void Up(DockerPing ping)
    {
        (health.IsUp, _down) = (true, null);
        LogUp(ping.Server, ping.ApiVersion);
    }

    private void Down(DockerFailure failure)
    {
        health.Count(failure.Kind);
        if (_down == failure.Kind) return;
        _down = failure.Kind;
        LogDown(failure.Message);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching the containers of jobs")]
    private partial void LogUp(string? engine, ApiVersion apiVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The containers of jobs cannot be watched: what such jobs do is not known; trying again")]
    private partial void LogDown(string reason);
}
