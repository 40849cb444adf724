using System.Threading.Channels;
using CiMetrics.Durable;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Sidecar.Intake;

/// <summary>
/// Waits until it is time to look again: when the kernel tells of a change in the folder, and in any case after a time,
/// because network and some container volumes tell nothing. Of a folder that is not there yet, the nearest one above it is
/// watched, and a folder that cannot be watched is looked at more often.
/// </summary>
internal sealed partial class FolderChanges : IDisposable
{
    private const int Eagerness = 5;

    // Room for one: who has been told once, and not looked since, need not be told again.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeSpan _interval;
    private readonly ITimer _poll;
    private readonly ILogger _logger;
    private FileSystemWatcher? _watcher;
    private string? _refused;

    /// <summary>Begins to tell.</summary>
    /// <param name="interval">The longest time between two looks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told where a folder cannot be watched.</param>
    public FolderChanges(TimeSpan interval, TimeProvider time, ILogger logger)
    {
        _interval = interval;
        _logger = logger;
        _poll = time.CreateTimer(_ => Signal(), null, interval / Eagerness, interval / Eagerness);
    }

    /// <summary>Waits for a change or the time. Watches the folder from the moment on when it exists.</summary>
    public async Task WaitAsync(string folder, CancellationToken stopping)
    {
        FileSystemWatcher? before = _watcher;
        Watch(folder);
        if (before != _watcher)
        {
            TimeSpan interval = _watcher is null ? _interval / Eagerness : _interval;
            _poll.Change(interval, interval);
            // What came before it was watched is not told.
            return;
        }
        await _changed.Reader.ReadAsync(stopping);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher?.Dispose();
        _poll.Dispose();
    }

    private void Watch(string folder)
    {
        (string nearest, string wanted) = (folder, "*");
        while (!Directory.Exists(nearest) && nearest != "/") (nearest, wanted) = (Folders.ParentOf(nearest), Path.GetFileName(nearest));
        if (_watcher is not null && (_watcher.Path != nearest || _watcher.Filter != wanted))
        {
            _watcher.Dispose();
            _watcher = null;
        }
        if (_watcher is not null || _refused == nearest) return;
        try
        {
            _watcher = new FileSystemWatcher(nearest, wanted)
            {
                NotifyFilter = wanted == "*" ? NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size : NotifyFilters.DirectoryName,
            };
            _watcher.Created += (_, _) => Signal();
            _watcher.Changed += (_, _) => Signal();
            _watcher.Renamed += (_, _) => Signal();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            _watcher?.Dispose();
            _watcher = null;
            _refused = nearest;
            LogPolling(exception.Message, nearest, _interval / Eagerness);
        }
    }

    private void Signal() => _changed.Writer.TryWrite(true);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder cannot be watched; it is looked at instead")]
    private partial void LogPolling(string reason, string folder, TimeSpan interval);
}
