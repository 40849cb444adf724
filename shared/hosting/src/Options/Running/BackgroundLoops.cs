using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>
/// The loops that a command owns. They run until they are told to stop; one that ends before, with or without an
/// exception, is a failure of the command.
/// </summary>
internal sealed partial class BackgroundLoops(ILogger logger, Action failed) : IDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Task> _loops = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private TimeSpan _patience = DefaultPatience;

    /// <summary>True once a loop ended that should not have.</summary>
    public bool AnyDied { get; private set; }

    /// <summary>The loops by name and whether each is running.</summary>
    public IEnumerable<(string Name, bool Running)> States =>
        _loops.OrderBy(loop => loop.Key, StringComparer.Ordinal).Select(loop => (loop.Key, !loop.Value.IsCompleted));

    /// <summary>Starts a loop under a name of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="patience">How long it may take to end when it is told to; default 5 s.</param>
    public void Run(string name, Func<CancellationToken, Task> loop, TimeSpan? patience = null)
    {
        if (patience > _patience)
            _patience = patience.Value;
        if (!_loops.TryAdd(name, Task.CompletedTask))
            throw new ArgumentException("There is a loop named " + name + " already.", nameof(name));
        _loops[name] = Task.Run(() => Watch(name, loop));
    }

    /// <summary>Tells all loops to stop and waits for them; false when one did not end in time.</summary>
    /// <param name="patience">How long to wait; default: as long as the most patient loop may take.</param>
    public async Task<bool> StopAsync(TimeSpan? patience = null)
    {
        var longest = patience ?? _patience;
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_loops.Values).WaitAsync(longest);
            return true;
        }
        catch (TimeoutException)
        {
            foreach (var (name, running) in States)
            {
                if (running)
                    LogStuck(name, longest);
            }
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task Watch(string name, Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stopping.Token);
            if (_stopping.IsCancellationRequested)
                return;
            LogEnded(name);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            LogDied(exception, name);
        }
        AnyDied = true;
        failed();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A background loop ended unexpectedly; the program stops")]
    private partial void LogEnded(string loop);

    [LoggerMessage(Level = LogLevel.Error, Message = "A background loop failed; the program stops")]
    private partial void LogDied(Exception exception, string loop);

    [LoggerMessage(Level = LogLevel.Error, Message = "A background loop did not stop in time")]
    private partial void LogStuck(string loop, TimeSpan patience);
}
