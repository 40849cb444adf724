using Microsoft.Extensions.Logging;

namespace CiMetrics.AlloyRunner.Config;

/// <summary>Reads the observed runner's configuration again when it has changed, as the runner does, and on SIGHUP.</summary>
internal sealed partial class ConfigWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly string _path;
    private readonly Action<RunnerConfig> _changed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _asked = new(0, 1);
    private (DateTime Modified, long Length) _seen;
    private volatile View _current;
    private string? _problem;

    /// <summary>Reads it for the first time.</summary>
    /// <param name="path">The file; it may be missing.</param>
    /// <param name="changed">Gets each configuration that comes into force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of mistakes.</param>
    public ConfigWatch(string path, Action<RunnerConfig> changed, TimeProvider time, ILogger logger)
    {
        (_path, _changed, _time, _logger) = (path, changed, time, logger);
        _current = new View(null, IsReadable: false);
        Read();
    }

    /// <summary>What is in force.</summary>
    public View Current => _current;

    /// <summary>Has it read again soon, changed or not.</summary>
    public Task ReadAgainAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_asked)
        {
            if (_asked.CurrentCount == 0) _asked.Release();
        }
        return Task.CompletedTask;
    }

    /// <summary>The loop; ends only by cancellation.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            bool isAsked = await _asked.WaitAsync(Interval, stopping);
            // That it may be read now changes neither its time nor its length.
            if (isAsked || !_current.IsReadable || Look() != _seen) Read();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asked.Dispose();

    private (DateTime Modified, long Length) Look()
    {
        FileInfo file = new(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private void Read()
    {
        _seen = Look();
        if (ConfigFile.Read(_path, out string? problem) is { } config)
        {
            bool isFirst = _current.Config is null;
            _current = new View(config, IsReadable: true) { ReadAt = _time.GetUtcNow() };
            if (isFirst) LogRead(_path, config.Runners.Count);
            else LogReadAgain(_path, config.Runners.Count);
            _problem = null;
            _changed(config);
            return;
        }
        _current = _current with { IsReadable = false };
        if (problem != _problem) LogRefused(problem ?? "");
        _problem = problem;
    }

    /// <summary>A configuration, and whether the file as it is now can be read.</summary>
    internal sealed record View(RunnerConfig? Config, bool IsReadable)
    {
        /// <summary>When it was read.</summary>
        public DateTimeOffset? ReadAt { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read the runner's configuration")]
    private partial void LogRead(string path, int runners);

    [LoggerMessage(Level = LogLevel.Information, Message = "Read the runner's configuration again")]
    private partial void LogReadAgain(string path, int runners);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runner's configuration cannot be used; limits and names of runners come from the one before, if any")]
    private partial void LogRefused(string reason);
}
