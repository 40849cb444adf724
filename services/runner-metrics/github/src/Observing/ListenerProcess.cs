using CiMetrics.GitHubRunner.Runners;
using CiMetrics.RunnerMetrics.Processes;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Observing;

/// <summary>Looks for the listener's process of each runner: the one whose program lies in the runner's folder.</summary>
internal sealed partial class ListenerProcess(IReadOnlyList<RunnerFolder> runners, ProcFolder proc, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private const string Listener = "Runner.Listener";

    private volatile Dictionary<string, ProcessSample> _found = new(StringComparer.Ordinal);

    /// <summary>Whether anything was looked at yet.</summary>
    public bool HasLooked { get; private set; }

    /// <summary>The process of a runner; null while it does not run.</summary>
    public ProcessSample? Of(string runner) => _found.GetValueOrDefault(runner);

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            Look();
            await Task.Delay(interval, time, stopping);
        }
    }

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        Dictionary<string, ProcessSample> found = new(StringComparer.Ordinal);
        // The known ones need no search, as long as they are the same processes.
        foreach ((string runner, ProcessSample known) in _found)
        {
            if (ProcessSample.Take(proc, known.Id.Pid) is { } same && same.Id == known.Id) found[runner] = same;
        }
        if (found.Count < runners.Count)
        {
            foreach (int pid in proc.Pids())
            {
                // The kernel keeps fifteen bytes of a name, which are just these.
                if (proc.Stat(pid) is not { Name: Listener, State: not ('Z' or 'X') }) continue;
                if (RunnerOf(pid) is { } runner && !found.ContainsKey(runner) && ProcessSample.Take(proc, pid) is { } sample) found[runner] = sample;
            }
        }
        foreach (RunnerFolder runner in runners)
        {
            bool runs = found.ContainsKey(runner.Name), ran = _found.ContainsKey(runner.Name);
            if (runs && !ran) LogRuns(runner.Name, found[runner.Name].Id.Pid);
            else if (!runs && (ran || !HasLooked)) LogDown(runner.Name);
        }
        _found = found;
        HasLooked = true;
    }

    private string? RunnerOf(int pid)
    {
        IReadOnlyList<string> line = proc.CommandLine(pid);
        // "configure" and "remove" are no listeners.
        if (!line.Contains("run", StringComparer.Ordinal)) return null;
        // Only its owner and root may see the program's file; all see the path that it was started by.
        string? path = proc.Executable(pid) ?? (line is [['/', ..], ..] ? line[0] : null);
        if (path is null) return runners.Count == 1 ? runners[0].Name : null;
        return runners.Where(runner => path.StartsWith(runner.Path + "/", StringComparison.Ordinal)).MaxBy(runner => runner.Path.Length)?.Name;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Found the runner's process")]
    private partial void LogRuns(string runner, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's process does not run")]
    private partial void LogDown(string runner);
}
