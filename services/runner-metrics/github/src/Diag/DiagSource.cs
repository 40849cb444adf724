using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Diag;

/// <summary>Reads the diagnostic logs of one runner for as long as the service runs.</summary>
internal sealed partial class DiagSource(RunnerFolder runner, FleetMonitor monitor, CatchUp catchUp, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // The runner writes lines in bursts; one look sees all of them.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(20);

    private bool _isCaughtUp;
    private string? _problem;

    /// <summary>The runner.</summary>
    public RunnerFolder Runner => runner;

    /// <summary>Whether the logs can be read.</summary>
    public bool IsUp { get; private set; }

    /// <summary>What reading them has come to.</summary>
    public LogFigures Figures { get; private set; } = new();

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using LogFolder workers = new(runner.Diag, "Worker_", runner.Name, time);
        using LogFolder listeners = new(runner.Diag, "Runner_", runner.Name, time);
        using LogChanges changes = new(Path.Combine(runner.Diag, "*.log"), Interval, time);
        while (true)
        {
            // The workers' first: when the listener tells of an end, it is known whose.
            bool isBehind = monitor.Write(state =>
            {
                if (!state.Files.TryGetValue(runner.Path, out FilesRead? read)) state.Files.Add(runner.Path, read = new FilesRead());
                workers.Read(state, read);
                if (!workers.IsBehind) listeners.Read(state, read);
                return workers.IsBehind || listeners.IsBehind;
            }).Result;
            Tell(workers, listeners);
            stopping.ThrowIfCancellationRequested();
            if (isBehind) continue;
            if (!_isCaughtUp)
            {
                _isCaughtUp = true;
                catchUp.Finish();
            }
            await changes.WaitAsync(stopping);
            await Task.Delay(Burst, time, stopping);
        }
    }

    private void Tell(LogFolder workers, LogFolder listeners)
    {
        Figures = new LogFigures
        {
            Bytes = workers.Figures.Bytes + listeners.Figures.Bytes,
            Lines = workers.Figures.Lines + listeners.Figures.Lines,
            CutLines = workers.Figures.CutLines + listeners.Figures.CutLines,
            Gaps = workers.Figures.Gaps + listeners.Figures.Gaps,
        };
        string? problem = workers.Problem ?? listeners.Problem;
        bool wasUp = IsUp;
        IsUp = problem is null;
        if (problem is not null && problem != _problem) LogNotReading(runner.Name, problem);
        else if (IsUp && !wasUp) LogReading(runner.Name, runner.Diag);
        _problem = problem;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Reading the runner's logs")]
    private partial void LogReading(string runner, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's logs cannot be read; trying again")]
    private partial void LogNotReading(string runner, string reason);
}
