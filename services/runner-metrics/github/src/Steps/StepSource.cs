using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Steps;

/// <summary>
/// Reads what steps print, from the pages (or, where a runner writes none, the blocks) that the runner keeps until it has
/// uploaded them: opened as soon as they appear, and read every other second, for what is open can no longer be lost.
/// </summary>
internal sealed partial class StepSource(RunnerFolder runner, string kind, StepKinds kinds, FleetMonitor monitor, TimeProvider time, ILogger logger)
{
    private const int MostOpen = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(10);

    private readonly Dictionary<string, StepFile> _open = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ignored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StepLines> _steps = new(StringComparer.Ordinal);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LogFollower.BufferSize);
    private string? _problem;

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        string folder = Path.Combine(runner.Diag, kind);
        using LogChanges changes = new(Path.Combine(folder, "*"), Interval, time, isOfNamesOnly: true);
        try
        {
            while (true)
            {
                Look(folder);
                await changes.WaitAsync(stopping);
                await Task.Delay(Burst, time, stopping);
            }
        }
        finally
        {
            foreach (StepFile file in _open.Values) file.Dispose();
        }
    }

    // pages: TIMELINE_RECORD_1.log; blocks: TIMELINE_RECORD.1.
    internal static string? StepOf(string name) => name.Length > 74 && name[36] == '_' && name[73] is '_' or '.' ? name[..73] : null;

    private void Look(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Open(folder);
            _problem = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (_problem != exception.Message) LogNotReading(runner.Name, folder, exception.Message);
            _problem = exception.Message;
        }
        foreach ((string name, StepFile file) in _open.ToArray())
        {
            (IReadOnlyList<Fact> facts, bool isOver) = file.Read();
            if (facts.Count > 0)
            {
                monitor.Write(state =>
                {
                    foreach (Fact fact in facts) state.Apply(fact);
                    return true;
                });
            }
            if (!isOver) continue;
            file.Dispose();
            _open.Remove(name);
        }
    }

    private void Open(string folder)
    {
        HashSet<string> there = new(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(path);
            there.Add(name);
            if (_open.ContainsKey(name) || _ignored.Contains(name)) continue;
            // Pages and blocks say the same: of each step one of them is read.
            if (StepOf(name) is not { } step || !kinds.IsOf(step, kind) || _open.Count >= MostOpen)
            {
                if (_open.Count < MostOpen) _ignored.Add(name);
                continue;
            }
            if (_steps.Count >= 1000) _steps.Clear();
            if (!_steps.TryGetValue(step, out StepLines? lines)) _steps.Add(step, lines = new StepLines());
            _open.Add(name, new StepFile(path, runner.Name, step, lines, _buffer));
        }
        _ignored.IntersectWith(there);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What steps print cannot be read; trying again")]
    private partial void LogNotReading(string runner, string folder, string reason);
}

/// <summary>Which of the two kinds of files is read of each step: the one that was seen first.</summary>
internal sealed class StepKinds
{
    private const int Most = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _kinds = new(StringComparer.Ordinal);

    /// <summary>Whether this kind is the one that is read.</summary>
    public bool IsOf(string step, string kind)
    {
        lock (_lock)
        {
            if (_kinds.TryGetValue(step, out string? chosen)) return chosen == kind;
            if (_kinds.Count >= Most) _kinds.Clear();
            _kinds.Add(step, kind);
            return true;
        }
    }
}
