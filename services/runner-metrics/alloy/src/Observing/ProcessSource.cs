using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.State;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Observing;

/// <summary>What was last seen of the runner's process; immutable.</summary>
/// <param name="Sample">Its figures; null while it does not run.</param>
/// <param name="Version">What its program says of itself; null where that cannot be asked.</param>
internal sealed record ProcessView(ProcessSample? Sample, RunnerVersion? Version)
{
    /// <summary>Nothing was looked at yet.</summary>
    public static readonly ProcessView None = new(null, null);
}

/// <summary>Looks at the runner's process, its children and its docker machines, more often while jobs run.</summary>
internal sealed partial class ProcessSource(
    ProcFolder proc, ProcessFinder finder, VersionProbe probe, MachineStore store, RunnerMonitor monitor,
    Func<RunnerConfig?> config, ObservingPace pace, TimeProvider time, ILogger logger)
{
    private readonly JobProcesses _jobs = new(proc);
    private volatile ProcessView _view = ProcessView.None;
    private ProcessId? _known;
    private string? _problem;

    /// <summary>What was last seen.</summary>
    public ProcessView View => _view;

    /// <summary>Called with each process that is seen for the first time, before anything is told of it.</summary>
    public Action<int>? Found { get; set; }

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            bool isBusy = await LookAsync(stopping);
            await Task.Delay(isBusy ? pace.Busy : pace.Idle, time, stopping);
        }
    }

    private async Task<bool> LookAsync(CancellationToken stopping)
    {
        // The number that is known needs no search, as long as it is the same process.
        ProcessSample? sample = _known is { } known && ProcessSample.Take(proc, known.Pid) is { } same && same.Id == known
            ? same
            : finder.Find() is { } pid ? ProcessSample.Take(proc, pid) : null;
        if (sample is null)
        {
            Down(finder.Problem ?? "it has just ended");
            return false;
        }
        if (_known != sample.Id)
        {
            Found?.Invoke(sample.Id.Pid);
            _known = sample.Id;
            _problem = null;
            _view = new ProcessView(sample, null);
            LogFound(sample.Id.Pid);
            monitor.Apply(new RunnerEvent.ProcessChanged(sample.Id.Pid, sample.Id.StartSeconds, Began(sample)));
            (RunnerVersion? version, string? problem) = await probe.AskAsync(sample.Id.Pid, stopping);
            if (problem is not null) LogNoVersion(problem);
            _view = new ProcessView(sample, version);
        }
        _view = _view with { Sample = sample };
        (IReadOnlyList<SeenJob> jobs, IReadOnlyList<MachineHelper> helpers) = _jobs.Look(sample.Id.Pid);
        RunnerConfig? now = config();
        // Only the shell executor's jobs are processes here; of the others nothing can be said by looking at these.
        bool isShell = now is null || now.Runners.Count == 0 || now.Runners.Any(runner => JobExecutors.SightOf(runner.Executor) == JobSight.Processes);
        monitor.Apply(new RunnerEvent.JobsSeen(JobSight.Processes, isShell ? jobs : null), store.Look(helpers, now));
        return jobs.Count > 0 || helpers.Count > 0 || monitor.Snapshot.Running > 0;
    }

    private void Down(string problem)
    {
        _known = null;
        _view = ProcessView.None;
        // Each time: the log may have told of jobs only after the process had ended.
        monitor.Apply(new RunnerEvent.ProcessGone(), new RunnerEvent.JobsSeen(JobSight.Processes, null));
        if (problem != _problem) LogDown(problem);
        _problem = problem;
    }

    private static DateTimeOffset? Began(ProcessSample sample) =>
        sample.StartTime is { } seconds ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;

    [LoggerMessage(Level = LogLevel.Information, Message = "Found the runner's process")]
    private partial void LogFound(int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's process does not run")]
    private partial void LogDown(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's version is not known")]
    private partial void LogNoVersion(string reason);
}

/// <summary>How often to look at processes.</summary>
/// <param name="Busy">While jobs run.</param>
/// <param name="Idle">Else.</param>
internal sealed record ObservingPace(TimeSpan Busy, TimeSpan Idle);
