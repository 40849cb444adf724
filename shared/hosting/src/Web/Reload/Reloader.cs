using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>
/// Reads again what was read from files: when their content changes, on SIGHUP and on request. One reload at a time.
/// </summary>
internal sealed partial class Reloader(
    IReadOnlyList<IReloadable> reloadables, Action applied, TimeProvider time, ILogger logger) : IDisposable
{
    // Files are compared by content: that works for symbolic links that are swapped and on file systems without events.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly List<ReloadState> _states = [.. reloadables.Select(reloadable => new ReloadState(reloadable, time.GetUtcNow()))];
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>What is reloaded and how the last reload went.</summary>
    public IReadOnlyList<ReloadState> States => _states;

    /// <summary>Reads everything again; returns the mistakes.</summary>
    public async Task<IReadOnlyList<Problem>> ReloadAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return Reload(_states);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Reads again what has changed, until it is told to stop.</summary>
    public async Task WatchAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            await _one.WaitAsync(stopping);
            try
            {
                Reload([.. _states.Where(state => state.HasSettledChange())]);
            }
            finally
            {
                _one.Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private List<Problem> Reload(List<ReloadState> states)
    {
        var all = new List<Problem>();
        var anyApplied = false;
        foreach (var state in states)
        {
            var problems = Reload(state);
            foreach (var problem in problems)
                LogRefused(state.Reloadable.Name, problem.ToString());
            if (problems.Count == 0)
                LogReloaded(state.Reloadable.Name);
            anyApplied |= problems.Count == 0;
            all.AddRange(problems);
        }
        if (anyApplied)
            applied();
        return all;
    }

    private IReadOnlyList<Problem> Reload(ReloadState state)
    {
        try
        {
            return state.Reload(time.GetUtcNow());
        }
        catch (Exception exception)
        {
            // A mistake that no rule foresaw must not end the program: what was in force still is.
            LogBroke(exception, state.Reloadable.Name);
            return [new Problem(state.Reloadable.Name, "cannot be read; the log has the details")];
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Configuration reloaded")]
    private partial void LogReloaded(string config);

    [LoggerMessage(Level = LogLevel.Error, Message = "A configuration could not be reloaded")]
    private partial void LogBroke(Exception exception, string config);

    [LoggerMessage(Level = LogLevel.Error, Message = "A changed configuration is refused; the one before stays in force")]
    private partial void LogRefused(string config, string mistake);
}
