using CiMetrics.Durable;
using CiMetrics.GitHubRunner.Keeping;
using CiMetrics.GitHubRunner.Runners;
using CiMetrics.GitHubRunner.State;
using CiMetrics.RunnerMetrics.Following;
using Microsoft.Extensions.Logging;

namespace CiMetrics.GitHubRunner.Hooks;

/// <summary>
/// Takes the events of a runner's hooks: read, counted, kept, and only then removed. Those that came while the service was
/// down are there when it starts.
/// </summary>
internal sealed partial class HookSpool(RunnerFolder runner, FleetMonitor monitor, Checkpoint checkpoint, TimeProvider time, ILogger logger)
{
    private const int MostAtOnce = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private string? _problem;

    /// <summary>Files that hold no event; they are removed.</summary>
    public long Refused { get; private set; }

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        string folder = HookScripts.SpoolOf(runner.Path);
        using LogChanges changes = new(Path.Combine(folder, "*" + HookScripts.EventSuffix), Interval, time);
        while (true)
        {
            bool isMore = false;
            try
            {
                isMore = Directory.Exists(folder) && await TakeAsync(folder, stopping);
                _problem = null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (_problem != exception.Message) LogNotTaken(runner.Name, exception.Message);
                _problem = exception.Message;
            }
            if (isMore) continue;
            // Most runners have no hooks: their folder is looked for by the clock.
            if (Directory.Exists(folder)) await changes.WaitAsync(stopping);
            else await Task.Delay(Interval, time, stopping);
        }
    }

    private async Task<bool> TakeAsync(string folder, CancellationToken stopping)
    {
        string[] paths = [.. Directory.EnumerateFiles(folder, "*" + HookScripts.EventSuffix).Where(path => !_left.Contains(path)).Take(MostAtOnce).Order(StringComparer.Ordinal)];
        if (paths.Length == 0) return false;
        List<(string Name, Fact.Hook Hook)> events = [];
        foreach (string path in paths)
        {
            if (await ReadAsync(path, stopping) is { } hook) events.Add((Path.GetFileName(path), hook));
            else Refused++;
        }
        (_, long version) = monitor.Write(state =>
        {
            foreach ((string name, Fact.Hook hook) in events.OrderBy(each => each.Hook.At)) state.ApplyOnce($"{runner.Name}/{name}", hook);
            return true;
        });
        if (!await checkpoint.KeptAsync(version, stopping)) return false;
        foreach (string path in paths.Where(path => !_left.Contains(path)))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another user's, in a folder where each may remove his own only: it is counted, and is not again.
                LogLeft(path, exception.Message);
                _left.Add(path);
            }
        }
        return paths.Length == MostAtOnce;
    }

    // Everybody may put files there: one that is not what a hook writes must not keep the others from being taken.
    private async Task<Fact.Hook?> ReadAsync(string path, CancellationToken stopping)
    {
        try
        {
            // Opening a pipe would wait for whoever writes to it.
            return FileIdentity.Of(path) is { Kind: FileKind.File, Size: <= HookEvent.Largest } ? HookEvent.Read(runner.Name, await File.ReadAllTextAsync(path, stopping)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It may be an event: it stays, and is looked at again after a restart.
            LogNotRead(path, exception.Message);
            _left.Add(path);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A file of a hook cannot be read")]
    private partial void LogNotRead(string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events of hooks cannot be taken; trying again")]
    private partial void LogNotTaken(string runner, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event of a hook was counted and cannot be removed")]
    private partial void LogLeft(string path, string reason);
}
