using System.Threading.Channels;

namespace CiMetrics.RunnerMetrics.Following;

/// <summary>
/// Waits until it is time to look at a log again: when the kernel tells of a change of it, and in any case after a time,
/// because some volumes tell nothing. A folder that is not there yet or cannot be watched is looked at by the clock.
/// </summary>
public sealed class LogChanges : IDisposable
{
    /// <summary>How often to look where the kernel tells nothing.</summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromMilliseconds(250);

    // Room for one: who has been told once, and not looked since, need not be told again.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _folder;
    private readonly string _name;
    private readonly TimeSpan _interval;
    private readonly NotifyFilters _kinds;
    private readonly ITimer _poll;
    private FileSystemWatcher? _watcher;
    private bool _isRefused;

    /// <summary>Makes it; the folder is watched from the first wait on.</summary>
    /// <param name="path">The log.</param>
    /// <param name="interval">The longest time between two looks where the kernel tells of changes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isOfNamesOnly">Whether only files that come and go are told of, and writing to them is not.</param>
    public LogChanges(string path, TimeSpan interval, TimeProvider time, bool isOfNamesOnly = false)
    {
        ArgumentNullException.ThrowIfNull(time);
        string full = Path.GetFullPath(path);
        _folder = Path.GetDirectoryName(full) ?? "/";
        _name = Path.GetFileName(full);
        _interval = interval;
        _kinds = isOfNamesOnly ? NotifyFilters.FileName : NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size;
        _poll = time.CreateTimer(_ => Signal(), null, Unwatched, Unwatched);
    }

    /// <summary>Whether the kernel tells of changes.</summary>
    public bool IsWatching => _watcher is not null;

    /// <summary>Ends a wait from outside, for example because the reader is wanted for something else.</summary>
    public void Signal() => _changed.Writer.TryWrite(true);

    /// <summary>Waits for a change, a signal, or the time.</summary>
    public async Task WaitAsync(CancellationToken stopping)
    {
        bool wasWatching = IsWatching;
        Watch();
        if (wasWatching != IsWatching)
        {
            TimeSpan interval = IsWatching || _interval < Unwatched ? _interval : Unwatched;
            _poll.Change(interval, interval);
        }
        // What came before it was watched is not told.
        if (!wasWatching && IsWatching) return;
        // The clock signals as a change does: nothing is thrown and caught again and again while nothing happens.
        await _changed.Reader.ReadAsync(stopping);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _poll.Dispose();
        Stop();
    }

    private void Watch()
    {
        if (_watcher is not null && !Directory.Exists(_folder)) Stop();
        if (_watcher is not null || _isRefused || !Directory.Exists(_folder)) return;
        try
        {
            _watcher = new FileSystemWatcher(_folder)
            {
                Filter = _name,
                NotifyFilter = _kinds,
            };
            _watcher.Created += (_, _) => Signal();
            _watcher.Changed += (_, _) => Signal();
            _watcher.Renamed += (_, _) => Signal();
            _watcher.Error += (_, _) => Signal();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The limits of inotify are the user's own; the clock serves as well.
            Stop();
            _isRefused = true;
        }
    }

    private void Stop()
    {
        _watcher?.Dispose();
        _watcher = null;
    }
}
