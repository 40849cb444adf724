using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>Where the service is in its life.</summary>
internal enum ReadyState
{
    Starting,
    Ready,
    Draining,
}

/// <summary>Whether the service takes requests: where it is in its life, and whether it says itself that it cannot.</summary>
internal sealed partial class Readiness(ILogger logger)
{
    private readonly Lock _lock = new();
    private volatile ReadyState _state = ReadyState.Starting;
    private volatile string? _hindrance;

    /// <summary>Where the service is in its life.</summary>
    public ReadyState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>True while the service says that it cannot take requests.</summary>
    public bool IsHindered => _hindrance is not null;

    /// <summary>Sets what hinders the service, null for nothing; a change is logged.</summary>
    public void Hinder(string? reason)
    {
        lock (_lock)
        {
            if (reason == _hindrance)
                return;
            _hindrance = reason;
            if (reason is null)
                LogReady();
            else
                // Before it listens it is ready for nobody anyway.
                LogNotReady(_state == ReadyState.Starting ? LogLevel.Information : LogLevel.Warning, reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready again")]
    private partial void LogReady();

    [LoggerMessage(Message = "Not ready")]
    private partial void LogNotReady(LogLevel level, string reason);
}
